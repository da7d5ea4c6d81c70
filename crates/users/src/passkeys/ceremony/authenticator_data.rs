//! What the authenticator says that it did (section 6.1).

use sha2::{Digest as _, Sha256};

use super::{
    CeremonyError, Expected, MAX_CREDENTIAL_ID,
    cbor::{self, Map, Value},
};

/// The bits of the flags.
const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKUP_STATE: u8 = 1 << 4;
const HAS_CREDENTIAL: u8 = 1 << 6;
const HAS_EXTENSIONS: u8 = 1 << 7;

/// The bytes of the model of the authenticator, which is not looked at.
const AAGUID: usize = 16;

/// The data of one ceremony.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct AuthenticatorData<'a> {
    rp_id_hash: &'a [u8],
    flags: u8,
    /// How often the authenticator signed; 0 if it does not count.
    pub(super) sign_count: u32,
    /// The credential that it made.
    pub(super) credential: Option<NewCredential<'a>>,
}

/// A credential in the data of a registration.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct NewCredential<'a> {
    pub(super) id: &'a [u8],
    /// The public key, as bytes and as their value.
    pub(super) public_key: &'a [u8],
    pub(super) key_parameters: Map<'a>,
}

impl<'a> AuthenticatorData<'a> {
    /// Reads all of the bytes.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, CeremonyError> {
        Self::read(bytes).ok_or(CeremonyError::AuthenticatorData)
    }

    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (rp_id_hash, rest) = bytes.split_at_checked(32)?;
        let (&flags, rest) = rest.split_first()?;
        let (count, mut rest) = rest.split_first_chunk()?;
        let mut credential = None;
        if flags & HAS_CREDENTIAL != 0 {
            let (found, after) = read_credential(rest)?;
            (credential, rest) = (Some(found), after);
        }
        if flags & HAS_EXTENSIONS != 0 {
            // Asked for none, and ignored (section 7.1, step 28).
            let (Value::Map(_), after) = cbor::prefix(rest).ok()? else {
                return None;
            };
            rest = after;
        }
        rest.is_empty().then_some(Self {
            rp_id_hash,
            flags,
            sign_count: u32::from_be_bytes(*count),
            credential,
        })
    }

    /// Sections 7.1, steps 14 to 17, and 7.2, steps 15 to 18.
    pub(super) fn verify(&self, expected: &Expected<'_>) -> Result<(), CeremonyError> {
        if self.rp_id_hash != Sha256::digest(expected.rp_id).as_slice() {
            return Err(CeremonyError::RelyingParty);
        }
        if !self.has(USER_PRESENT) {
            return Err(CeremonyError::UserPresent);
        }
        if !self.has(USER_VERIFIED) {
            return Err(CeremonyError::UserVerified);
        }
        if self.is_backed_up() && !self.is_backup_eligible() {
            return Err(CeremonyError::BackupState);
        }
        Ok(())
    }

    /// Whether the credential may be copied to other devices of the person.
    pub(super) const fn is_backup_eligible(&self) -> bool {
        self.has(BACKUP_ELIGIBLE)
    }

    /// Whether it has been.
    pub(super) const fn is_backed_up(&self) -> bool {
        self.has(BACKUP_STATE)
    }

    const fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

fn read_credential(bytes: &[u8]) -> Option<(NewCredential<'_>, &[u8])> {
    let (_, rest) = bytes.split_at_checked(AAGUID)?;
    let (length, rest) = rest.split_first_chunk()?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (id, key) = rest.split_at_checked(length)?;
    let (Value::Map(key_parameters), rest) = cbor::prefix(key).ok()? else {
        return None;
    };
    let public_key = &key[..key.len() - rest.len()];
    let credential = NewCredential {
        id,
        public_key,
        key_parameters,
    };
    Some((credential, rest))
}

impl NewCredential<'_> {
    /// Section 7.1, step 25.
    pub(super) fn verify_id(&self) -> Result<(), CeremonyError> {
        if self.id.is_empty() || self.id.len() > MAX_CREDENTIAL_ID {
            return Err(CeremonyError::CredentialIdLength);
        }
        Ok(())
    }
}
