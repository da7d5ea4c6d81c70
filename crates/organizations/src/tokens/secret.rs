//! The secret of a token, and its digest.

use std::{convert::Infallible, fmt};

use tenantry_core::{
    digest::{hex, sha256},
    runtime::Runtime,
};

/// The prefix of every token, by which people and secret scanners recognize a leaked one.
pub(super) const PREFIX: &str = "tnt_";
/// 256 bits in hexadecimal.
const RANDOM: usize = 64;
/// 32 bits in hexadecimal.
const CHECKSUM: usize = 8;

/// A token in clear text: `tnt_`, 256 random bits in hexadecimal, and a checksum of both.
///
/// Its holder acts as its owner, so it is shown once and never stored. The checksum rejects
/// mistyped tokens and most other texts without a query.
#[derive(Clone)]
pub struct TokenSecret(String);

impl TokenSecret {
    pub(crate) fn generate(runtime: &Runtime) -> Self {
        let random = format!("{PREFIX}{}", hex(&runtime.random_bytes::<32>()));
        let checksum = checksum(&random);
        Self(random + &checksum)
    }

    /// The token, if the text is well-formed.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(PREFIX)?;
        let is_digit = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
        if digits.len() != RANDOM + CHECKSUM || !digits.bytes().all(is_digit) {
            return None;
        }
        let (random, found) = text.split_at(text.len() - CHECKSUM);
        (checksum(random) == found).then(|| Self(text.to_owned()))
    }

    /// The token in clear text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Its digest.
    #[must_use]
    pub fn digest(&self) -> TokenDigest {
        TokenDigest(sha256(&self.0))
    }

    /// Its last four characters, by which its owner recognizes it; they are part of the checksum.
    #[must_use]
    pub fn last_four(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }
}

impl fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSecret")
    }
}

/// The SHA-256 of a token in hexadecimal, as it is stored. A slow hash would gain nothing: 256
/// random bits can't be guessed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TokenDigest(String);

impl TokenDigest {
    /// The digest as `api_tokens.secret_hash` holds it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

tenantry_core::column_value!(TokenDigest, String, |digest| digest.0, |hex| {
    Ok::<_, Infallible>(TokenDigest(hex))
});

fn checksum(text: &str) -> String {
    sha256(text)[..CHECKSUM].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> TokenSecret {
        TokenSecret::generate(&Runtime::system())
    }

    #[test]
    fn a_token_has_a_prefix_256_random_bits_and_a_checksum() {
        let one = token();
        assert!(one.expose().starts_with("tnt_"));
        assert_eq!(one.expose().len(), 4 + 64 + 8);
        assert_ne!(one.expose(), token().expose());
        let read = TokenSecret::parse(one.expose()).expect("its own text");
        assert_eq!(read.digest(), one.digest());
        assert!(one.expose().ends_with(one.last_four()));
    }

    #[test]
    fn every_mistyped_token_is_rejected_without_a_query() {
        let token = token();
        for index in 0..token.expose().len() {
            let mut wrong = token.expose().to_owned().into_bytes();
            wrong[index] = if wrong[index] == b'0' { b'1' } else { b'0' };
            let wrong = String::from_utf8(wrong).expect("ASCII");
            assert!(TokenSecret::parse(&wrong).is_none(), "{index}");
        }
        let text = token.expose();
        for wrong in [
            String::new(),
            "tnt_".to_owned(),
            text.to_uppercase(),
            text.replacen("tnt_", "TNT_", 1),
            format!("{text}0"),
            format!(" {text}"),
            text[1..].to_owned(),
            text[..text.len() - 1].to_owned(),
            format!("tnt_{}", "é".repeat(36)),
        ] {
            assert!(TokenSecret::parse(&wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_token_is_not_in_debug_output() {
        assert_eq!(format!("{:?}", token()), "TokenSecret");
    }
}
