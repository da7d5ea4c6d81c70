//! The key of a session, and its stored digest.

use std::{convert::Infallible, fmt};

use tenantry_core::{
    digest::{hex, sha256},
    runtime::Runtime,
};

/// The key of a session: 256 random bits in hexadecimal. It is a bearer secret, so it goes into
/// the cookie and nowhere else.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionKey(String);

impl SessionKey {
    pub(crate) fn generate(runtime: &Runtime) -> Self {
        Self(hex(&runtime.random_bytes::<32>()))
    }

    /// The key in plain text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The digest that is stored.
    #[must_use]
    pub fn digest(&self) -> SessionDigest {
        SessionDigest::of(&self.0)
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey")
    }
}

/// The stored digest of a session's key: its SHA-256 in hexadecimal. A slow hash would gain
/// nothing, because 256 random bits can't be guessed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionDigest(String);

impl SessionDigest {
    /// The digest of a key from a cookie, valid or not.
    #[must_use]
    pub fn of(key: &str) -> Self {
        Self(sha256(key))
    }

    /// The digest as stored in `sessions.key_hash`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

tenantry_core::column_value!(SessionDigest, String, |digest| digest.0, |hex| {
    Ok::<_, Infallible>(SessionDigest(hex))
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_sha_256() {
        // FIPS 180-4, the example "abc".
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(SessionDigest::of("abc").as_str(), expected);
    }

    #[test]
    fn a_key_has_256_bits_and_never_shows_in_debug_output() {
        let key = SessionKey::generate(&Runtime::system());
        assert_eq!(key.expose().len(), 64);
        assert_ne!(key, SessionKey::generate(&Runtime::system()));
        assert_eq!(format!("{key:?}"), "SessionKey");
    }
}
