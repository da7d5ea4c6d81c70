//! A browser's answer, verified as that of this server's pages to one of its challenges.

use hmac::Mac as _;
use tenantry_core::{clock::Timestamp, id::UserId, runtime::Runtime};

use super::{
    Base64Url, CreatedCredential, RelyingParty, SignedCredential,
    ceremony::{
        CeremonyError, Expected,
        assertion::{self, Asserted, Known},
        client_data,
        registration::{self, Registered},
    },
    challenge::{self, Challenge, Purpose},
    relying_party::Site,
    store,
};

impl RelyingParty {
    /// A new challenge.
    pub(crate) fn challenge(&self, runtime: &Runtime, purpose: Purpose<'_>) -> Base64Url {
        challenge::issue(self.challenge_key(), runtime, purpose)
    }

    /// What authenticators know an account by. It discloses nothing of the account.
    pub(crate) fn user_handle(&self, user: UserId) -> Base64Url {
        let mac = self.challenge_key().chain_update(b"user handle");
        let mac = mac.chain_update(user.uuid().as_bytes()).finalize();
        Base64Url(mac.into_bytes().to_vec())
    }

    /// Verifies that an authenticator made a credential for this challenge.
    pub(crate) fn verify_created(
        &self,
        site: &Site,
        now: Timestamp,
        purpose: Purpose<'_>,
        credential: &CreatedCredential,
    ) -> Result<(Challenge, Registered), CeremonyError> {
        let challenge = self.answered(now, purpose, credential.client_data())?;
        let expected = expected(site, &challenge);
        let registered = registration::verify(&expected, &credential.registration())?;
        Ok((challenge, registered))
    }

    /// Verifies that an authenticator signed this challenge with a stored passkey.
    pub(crate) fn verify_signed(
        &self,
        site: &Site,
        now: Timestamp,
        purpose: Purpose<'_>,
        (passkey, credential): (&store::Model, &SignedCredential),
    ) -> Result<(Challenge, Asserted), CeremonyError> {
        let challenge = self.answered(now, purpose, credential.client_data())?;
        let known = Known {
            public_key: &passkey.public_key.0,
            sign_count: u32::try_from(passkey.sign_count).unwrap_or(u32::MAX),
            is_backup_eligible: passkey.is_backup_eligible,
        };
        let expected = expected(site, &challenge);
        let asserted = assertion::verify(&expected, &known, &credential.assertion())?;
        Ok((challenge, asserted))
    }

    /// The challenge that was answered, if this server made it for that purpose.
    fn answered(
        &self,
        now: Timestamp,
        purpose: Purpose<'_>,
        client_data: &[u8],
    ) -> Result<Challenge, CeremonyError> {
        let bytes = client_data::challenge(client_data)?;
        let challenge = challenge::verify(self.challenge_key(), now, purpose, &bytes);
        challenge.ok_or(CeremonyError::Challenge)
    }
}

fn expected<'a>(site: &'a Site, challenge: &'a Challenge) -> Expected<'a> {
    Expected {
        challenge: &challenge.bytes,
        origin: &site.origin,
        rp_id: &site.rp_id,
    }
}
