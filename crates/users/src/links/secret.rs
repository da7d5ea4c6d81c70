//! The secret of a link, and its digest.

use std::{convert::Infallible, fmt, str::FromStr};

use tenantry_core::{
    digest::sha256,
    id::LinkId,
    link_key::{LinkKey, LinkSeed},
    text_field,
    value::InvalidText,
};

use super::LinkPurpose;

/// The prefix of every secret, by which a leaked one is recognized.
const PREFIX: &str = "tntl_";

/// Maximum length of a text that is looked up.
const MAX: usize = 200;

/// The secret of a mailed link: a prefix and 256 bits in hexadecimal.
///
/// Any short text is looked up: a malformed secret is as dead as a used one.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkSecret(String);

impl LinkSecret {
    pub(crate) fn derive(
        key: &LinkKey,
        purpose: LinkPurpose,
        row: LinkId,
        generation: i64,
    ) -> Self {
        let seed = LinkSeed {
            purpose: purpose.as_str(),
            row: row.uuid(),
            generation,
        };
        Self(format!("{PREFIX}{}", key.secret(seed)))
    }

    /// The secret in clear text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn digest(&self) -> LinkDigest {
        LinkDigest(sha256(&self.0))
    }
}

impl FromStr for LinkSecret {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if text.len() > MAX {
            return Err(InvalidText("must be at most 200 characters"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for LinkSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkSecret")
    }
}

text_field!(LinkSecret, { "maxLength": MAX });

/// The SHA-256 of a secret in hexadecimal, as it is stored. A slow hash would gain nothing: 256
/// bits can't be guessed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LinkDigest(String);

tenantry_core::column_value!(LinkDigest, String, |digest| digest.0, |hex| {
    Ok::<_, Infallible>(LinkDigest(hex))
});

#[cfg(test)]
mod tests {
    use super::*;
    use tenantry_core::id::Uuid;

    #[test]
    fn a_secret_has_a_prefix_and_256_bits_and_is_not_in_debug_output() {
        let key = LinkKey::derive(b"a secret");
        let row = Uuid::from_u128(1).into();
        let secret = LinkSecret::derive(&key, LinkPurpose::PasswordReset, row, 1);
        let bits = secret.expose().strip_prefix("tntl_").expect("the prefix");
        assert_eq!(bits.len(), 64);
        assert_eq!(format!("{secret:?}"), "LinkSecret");
    }
}
