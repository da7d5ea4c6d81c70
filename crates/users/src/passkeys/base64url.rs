//! Bytes in JSON and in the database.

use std::str::FromStr;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, Serializer};
use tenantry_core::{text_field, value::InvalidText};

/// The longest text: an attestation object with a chain of certificates has half of it.
const MAX: usize = 16_384;

/// Bytes, written as base64url without padding (RFC 4648, section 5), as the JSON of Web Authentication
/// does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Base64Url(pub(crate) Vec<u8>);

impl Base64Url {
    pub(crate) fn encoded(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0)
    }
}

impl FromStr for Base64Url {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if text.len() > MAX {
            return Err(InvalidText("must be at most 16384 characters"));
        }
        let decoded = URL_SAFE_NO_PAD.decode(text);
        decoded
            .map(Self)
            .map_err(|_| InvalidText("must be base64url without padding"))
    }
}

impl Serialize for Base64Url {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.encoded())
    }
}

text_field!(Base64Url, { "pattern": "^[A-Za-z0-9_-]*$", "maxLength": MAX });

tenantry_core::column_value!(
    Base64Url,
    String,
    |bytes| bytes.encoded(),
    |text: String| text.parse::<Base64Url>()
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_one_spelling() {
        let bytes: Base64Url = "-_8".parse().expect("bytes");
        assert_eq!(bytes.0, [0xfb, 0xff]);
        assert_eq!(bytes.encoded(), "-_8");
        for other in ["-_9", "-_8=", "+/8", "-_8 ", "a"] {
            assert!(other.parse::<Base64Url>().is_err(), "{other}");
        }
        assert!("A".repeat(MAX).parse::<Base64Url>().is_ok());
        assert!("A".repeat(MAX + 4).parse::<Base64Url>().is_err());
    }
}
