//! The key of a session, and what is stored of it.

use std::{convert::Infallible, fmt};

use tenantry_core::{
    digest::{hex, sha256},
    runtime::Runtime,
};

/// The key of a session: 256 random bits in hexadecimal. Whoever has it is signed in, so it
/// goes into the cookie and nowhere else.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionKey(String);

impl SessionKey {
    pub(crate) fn generate(runtime: &Runtime) -> Self {
        Self(hex(&runtime.random_bytes::<32>()))
    }

    /// The key in clear.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
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

/// What is stored of a session's key: its SHA-256 in hexadecimal. A slow hash would gain
/// nothing, because nobody can guess 256 random bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionDigest(String);

impl SessionDigest {
    /// The digest of whatever a cookie brought as its key.
    #[must_use]
    pub fn of(key: &str) -> Self {
        Self(sha256(key))
    }

    /// The digest as `sessions.key_hash` holds it.
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
