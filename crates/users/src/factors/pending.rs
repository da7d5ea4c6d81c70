//! A login between the password and the second factor.

use std::{convert::Infallible, fmt};

use chrono::TimeDelta;
use tenantry_core::{
    digest::{hex, sha256},
    runtime::Runtime,
};

use super::FactorMethod;
use crate::{Email, NewSession};

/// What came of a login with the right password.
#[derive(Clone, Debug)]
pub enum LoginOutcome {
    /// The account has no second factor: there is a session.
    SignedIn(NewSession),
    /// The second factor is asked for.
    SecondFactorRequired(PendingLogin),
}

/// How long it can be completed.
pub const PENDING_LOGIN: TimeDelta = TimeDelta::minutes(5);

/// How many wrong codes end it.
pub(crate) const MAX_ATTEMPTS: i64 = 5;

/// A login whose password was right and whose second factor is not proved yet. It is no session: every
/// other route treats its client as anonymous.
#[derive(Clone, Debug)]
pub struct PendingLogin {
    /// The secret of its cookie.
    pub key: PendingLoginKey,
    /// The account's address.
    pub email: Email,
    /// What completes it.
    pub methods: Vec<FactorMethod>,
}

/// The random bytes of a key.
const BYTES: usize = 32;

/// The key of a pending login: 256 random bits in hexadecimal. It goes into a cookie and nowhere else.
#[derive(Clone, PartialEq, Eq)]
pub struct PendingLoginKey(String);

impl PendingLoginKey {
    pub(crate) fn generate(runtime: &Runtime) -> Self {
        Self(hex(&runtime.random_bytes::<BYTES>()))
    }

    /// The key in a cookie. Text that is no key is refused: a challenge that is bound to it would be good
    /// for every client that sends the same.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_key = text.len() == 2 * BYTES && text.bytes().all(is_digit);
        is_key.then(|| Self(text.to_owned()))
    }

    /// The key in plain text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn digest(&self) -> PendingDigest {
        PendingDigest(sha256(&self.0))
    }
}

impl fmt::Debug for PendingLoginKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PendingLoginKey")
    }
}

/// The SHA-256 of a key in hexadecimal, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PendingDigest(String);

tenantry_core::column_value!(PendingDigest, String, |digest| digest.0, |hex| {
    Ok::<_, Infallible>(PendingDigest(hex))
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_key_of_this_server_is_read_from_a_cookie() {
        let key = PendingLoginKey::generate(&Runtime::system());
        assert_eq!(PendingLoginKey::parse(key.expose()), Some(key.clone()));
        let upper = key.expose().to_uppercase();
        for text in [
            "",
            "a",
            "ä",
            &key.expose()[1..],
            &format!("{}0", key.expose()),
            &format!("{upper}G"),
        ] {
            assert_eq!(PendingLoginKey::parse(text), None, "{text}");
        }
        assert_eq!(PendingLoginKey::parse(&"g".repeat(64)), None);
        assert_eq!(format!("{key:?}"), "PendingLoginKey");
    }
}
