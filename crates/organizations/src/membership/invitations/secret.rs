//! The secret of an invitation, and its digest.

use std::{convert::Infallible, fmt, str::FromStr};

use tenantry_core::{
    digest::{hex, sha256},
    id::InvitationId,
    link_key::{LinkKey, LinkSeed},
    runtime::Runtime,
    text_field,
    value::InvalidText,
};

/// The prefix of every secret, by which a leaked one is recognized.
const PREFIX: &str = "tnti_";

/// Maximum length of a text that is looked up.
const MAX: usize = 200;

/// The secret of an invitation: a prefix and 256 random bits in hexadecimal. Its holder can accept
/// the invitation, so it is shown once and never stored.
///
/// Any short text is looked up: a malformed secret is as unknown as a wrong one.
#[derive(Clone, PartialEq, Eq)]
pub struct InvitationSecret(String);

impl InvitationSecret {
    pub(super) fn generate(runtime: &Runtime) -> Self {
        Self(format!("{PREFIX}{}", hex(&runtime.random_bytes::<32>())))
    }

    /// The secret that is mailed and shown to no one else, made again whenever it is needed.
    pub(super) fn mailed(key: &LinkKey, invitation: InvitationId, number: i64) -> Self {
        let seed = LinkSeed {
            purpose: "invitation",
            row: invitation.uuid(),
            generation: number,
        };
        Self(format!("{PREFIX}{}", key.secret(seed)))
    }

    /// The secret in clear text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(super) fn digest(&self) -> InvitationDigest {
        InvitationDigest(sha256(&self.0))
    }
}

impl FromStr for InvitationSecret {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if text.len() > MAX {
            return Err(InvalidText("must be at most 200 characters"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for InvitationSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InvitationSecret")
    }
}

text_field!(InvitationSecret, { "maxLength": MAX });

/// The SHA-256 of a secret in hexadecimal, as it is stored. A slow hash would gain nothing: 256
/// random bits can't be guessed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InvitationDigest(String);

tenantry_core::column_value!(InvitationDigest, String, |digest| digest.0, |hex| {
    Ok::<_, Infallible>(InvitationDigest(hex))
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_a_prefix_and_256_bits_and_is_not_in_debug_output() {
        let secret = InvitationSecret::generate(&Runtime::system());
        let random = secret.expose().strip_prefix("tnti_").expect("the prefix");
        assert_eq!(random.len(), 64);
        assert_ne!(secret, InvitationSecret::generate(&Runtime::system()));
        assert_eq!(format!("{secret:?}"), "InvitationSecret");
    }

    #[test]
    fn the_digest_is_sha_256() {
        // FIPS 180-4, the example "abc".
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let secret: InvitationSecret = "abc".parse().expect("any text can be tried");
        assert_eq!(secret.digest().0, expected);
    }
}
