//! Verifying an authentication assertion (section 7.2).

use sha2::{Digest as _, Sha256};

use super::{
    CeremonyError, Expected,
    authenticator_data::AuthenticatorData,
    client_data::{self, Ceremony},
    cose::PublicKey,
};

/// What the browser answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Assertion<'a> {
    pub(crate) client_data: &'a [u8],
    pub(crate) authenticator_data: &'a [u8],
    pub(crate) signature: &'a [u8],
}

/// What is stored of the credential.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known<'a> {
    /// The public key in the COSE form.
    pub(crate) public_key: &'a [u8],
    pub(crate) sign_count: u32,
    pub(crate) is_backup_eligible: bool,
}

/// What to store of the credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asserted {
    /// How often the authenticator signed.
    pub(crate) sign_count: u32,
    pub(crate) is_backed_up: bool,
    /// Whether the authenticator counts and did not count up: a sign that there is a copy of it, and no
    /// proof. Passkeys that are copied on purpose do not count.
    pub(crate) is_maybe_cloned: bool,
}

/// Verifies an assertion with the credential that it names.
pub(crate) fn verify(
    expected: &Expected<'_>,
    known: &Known<'_>,
    assertion: &Assertion<'_>,
) -> Result<Asserted, CeremonyError> {
    client_data::verify(assertion.client_data, Ceremony::Get, expected)?;
    let data = AuthenticatorData::parse(assertion.authenticator_data)?;
    data.verify(expected)?;
    if data.is_backup_eligible() != known.is_backup_eligible {
        return Err(CeremonyError::BackupEligibility);
    }
    verify_signature(known.public_key, assertion)?;
    let counts = data.sign_count != 0 || known.sign_count != 0;
    Ok(Asserted {
        sign_count: data.sign_count,
        is_backed_up: data.is_backed_up(),
        is_maybe_cloned: counts && data.sign_count <= known.sign_count,
    })
}

/// Section 7.2, steps 20 and 21.
pub(super) fn verify_signature(
    public_key: &[u8],
    assertion: &Assertion<'_>,
) -> Result<(), CeremonyError> {
    let hash = Sha256::digest(assertion.client_data);
    let signed = [assertion.authenticator_data, &hash].concat();
    PublicKey::parse(public_key)?.verify(&signed, assertion.signature)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passkeys::ceremony::authenticator::{
        Authenticator, CHALLENGE, EXPECTED, Key, Signed,
    };

    fn asserted(
        authenticator: &Authenticator,
        known_count: u32,
        change: impl FnOnce(&mut Signed),
    ) -> Result<Asserted, CeremonyError> {
        let public_key = authenticator.key.cose();
        let mut signed = authenticator.get(CHALLENGE);
        change(&mut signed);
        let known = Known {
            public_key: &public_key,
            sign_count: known_count,
            is_backup_eligible: true,
        };
        verify(&EXPECTED, &known, &signed.assertion())
    }

    #[test]
    fn the_passkey_is_asserted_with_each_algorithm() {
        for key in [Key::es256(), Key::ed25519()] {
            let authenticator = Authenticator::with(key);
            let expected = Asserted {
                sign_count: 0,
                is_backed_up: true,
                is_maybe_cloned: false,
            };
            assert_eq!(asserted(&authenticator, 0, |_| {}), Ok(expected));
        }
    }

    #[test]
    fn another_challenge_and_another_ceremony_are_refused() {
        let authenticator = Authenticator::new();
        let refused = asserted(&authenticator, 0, |signed| {
            *signed = authenticator.get(b"another");
        });
        assert_eq!(refused, Err(CeremonyError::Challenge));
        let refused = asserted(&authenticator, 0, |signed| {
            signed.client_data = authenticator.create(CHALLENGE).client_data;
        });
        assert_eq!(refused, Err(CeremonyError::Type));
    }

    #[test]
    fn the_signature_of_another_key_or_of_other_data_is_refused() {
        let authenticator = Authenticator::new();
        let refused = asserted(&authenticator, 0, |signed| {
            signed.signature = Authenticator::new().get(CHALLENGE).signature;
        });
        assert_eq!(refused, Err(CeremonyError::Signature));
        // The count is signed, too.
        let refused = asserted(&authenticator, 0, |signed| {
            signed.authenticator_data[36] = 9;
        });
        assert_eq!(refused, Err(CeremonyError::Signature));
        // So is a space in the client data.
        let refused = asserted(&authenticator, 0, |signed| signed.client_data.push(b' '));
        assert_eq!(refused, Err(CeremonyError::Signature));
    }

    #[test]
    fn another_relying_party_is_refused() {
        let authenticator = Authenticator {
            rp_id: "evil.example",
            ..Authenticator::new()
        };
        let refused = asserted(&authenticator, 0, |_| {});
        assert_eq!(refused, Err(CeremonyError::RelyingParty));
    }

    #[test]
    fn a_person_who_was_not_present_or_not_verified_is_refused() {
        for (flags, error) in [
            (0b1_1100, CeremonyError::UserPresent),
            (0b1_1001, CeremonyError::UserVerified),
        ] {
            let authenticator = Authenticator {
                flags,
                ..Authenticator::new()
            };
            assert_eq!(asserted(&authenticator, 0, |_| {}), Err(error));
        }
    }

    #[test]
    fn a_change_of_what_can_be_backed_up_is_refused() {
        for (flags, error) in [
            (0b0101, CeremonyError::BackupEligibility),
            (0b1_0101, CeremonyError::BackupState),
        ] {
            let authenticator = Authenticator {
                flags,
                ..Authenticator::new()
            };
            assert_eq!(asserted(&authenticator, 0, |_| {}), Err(error));
        }
    }

    #[test]
    fn a_counter_that_does_not_count_up_is_a_sign_and_no_refusal() {
        for (before, now, is_maybe_cloned) in [
            (0, 0, false),
            (0, 1, false),
            (5, 6, false),
            (5, 5, true),
            (5, 4, true),
            (5, 0, true),
        ] {
            let authenticator = Authenticator {
                sign_count: now,
                ..Authenticator::new()
            };
            let asserted = asserted(&authenticator, before, |_| {}).expect("asserted");
            assert_eq!(asserted.is_maybe_cloned, is_maybe_cloned, "{before} {now}");
            assert_eq!(asserted.sign_count, now);
        }
    }

    #[test]
    fn every_cut_of_the_data_is_refused() {
        let authenticator = Authenticator::new();
        for end in 0..37 {
            let refused = asserted(&authenticator, 0, |signed| {
                signed.authenticator_data.truncate(end);
            });
            assert_eq!(refused, Err(CeremonyError::AuthenticatorData), "{end}");
        }
        let refused = asserted(&authenticator, 0, |signed| {
            signed.authenticator_data.push(0);
        });
        assert_eq!(refused, Err(CeremonyError::AuthenticatorData));
    }
}
