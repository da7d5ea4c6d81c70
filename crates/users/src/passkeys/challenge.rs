//! Challenges: signed, so that nothing is stored of those that are never answered.
//!
//! A challenge says itself until when it is good, and is bound to the session or to the login for which it
//! was made. It is stored once it succeeded.

use chrono::{DateTime, TimeDelta};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use tenantry_core::{clock::Timestamp, id::Uuid, runtime::Runtime};

use super::{Base64Url, used_challenges::ChallengeId};

/// How long a challenge is good; browsers are given the same time.
pub(super) const LIFETIME: TimeDelta = TimeDelta::minutes(5);

/// The bytes of the random part and of the time.
const ID: usize = 16;
const TIME: usize = 8;

/// What a challenge is good for, and for which client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose<'a> {
    /// A new passkey, in this session.
    Enrolment(Uuid),
    /// A check of the second factor, in this session.
    Check(Uuid),
    /// A login, with this key in the cookie.
    Login(&'a str),
}

impl Purpose<'_> {
    fn update(self, mac: Hmac<Sha256>) -> Hmac<Sha256> {
        match self {
            Self::Enrolment(session) => mac.chain_update([0]).chain_update(session.as_bytes()),
            Self::Check(session) => mac.chain_update([1]).chain_update(session.as_bytes()),
            Self::Login(key) => mac.chain_update([2]).chain_update(key),
        }
    }
}

/// A challenge that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Challenge {
    pub(crate) id: ChallengeId,
    pub(crate) expires_at: Timestamp,
    pub(crate) bytes: Vec<u8>,
}

/// A new challenge.
pub(super) fn issue(key: Hmac<Sha256>, runtime: &Runtime, purpose: Purpose<'_>) -> Base64Url {
    let id = runtime.random_bytes::<ID>();
    let expires_at = (runtime.now() + LIFETIME).timestamp().to_be_bytes();
    let mac = sign(key, &id, expires_at, purpose).finalize().into_bytes();
    Base64Url([&id[..], &expires_at, &mac].concat())
}

/// The challenge, if this server made it for that purpose and it is still good.
pub(super) fn verify(
    key: Hmac<Sha256>,
    now: Timestamp,
    purpose: Purpose<'_>,
    bytes: &[u8],
) -> Option<Challenge> {
    let (id, rest) = bytes.split_first_chunk::<ID>()?;
    let (time, mac) = rest.split_first_chunk::<TIME>()?;
    sign(key, id, *time, purpose).verify_slice(mac).ok()?;
    let expires_at = DateTime::from_timestamp(i64::from_be_bytes(*time), 0)?;
    (expires_at > now).then(|| Challenge {
        id: Uuid::from_bytes(*id).into(),
        expires_at,
        bytes: bytes.to_vec(),
    })
}

fn sign(key: Hmac<Sha256>, id: &[u8], time: [u8; TIME], purpose: Purpose<'_>) -> Hmac<Sha256> {
    // The parts before the last one have fixed lengths, so no two messages are the same bytes.
    purpose.update(key.chain_update(id).chain_update(time))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RelyingParty;

    #[test]
    fn a_challenge_is_good_for_its_purpose_and_for_five_minutes() {
        let runtime = Runtime::system();
        let key = || RelyingParty::new(b"a secret").challenge_key();
        let session = Uuid::from_u128(1);
        let purpose = Purpose::Enrolment(session);
        let made = issue(key(), &runtime, purpose).0;
        let now = runtime.now();
        let good = |now, purpose| verify(key(), now, purpose, &made).is_some();
        assert!(good(now, purpose));
        assert!(good(now + TimeDelta::seconds(298), purpose));
        assert!(!good(now + LIFETIME, purpose));
        for other in [
            Purpose::Enrolment(Uuid::from_u128(2)),
            Purpose::Check(session),
            Purpose::Login("a key"),
        ] {
            assert!(!good(now, other), "{other:?}");
        }
        let other_key = RelyingParty::new(b"another").challenge_key();
        assert_eq!(verify(other_key, now, purpose, &made), None);
        for bit in 0..made.len() * 8 {
            let mut changed = made.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(verify(key(), now, purpose, &changed), None, "{bit}");
        }
        for end in 0..made.len() {
            assert_eq!(verify(key(), now, purpose, &made[..end]), None, "{end}");
        }
    }

    #[test]
    fn two_challenges_differ() {
        let runtime = Runtime::system();
        let key = || RelyingParty::new(b"a secret").challenge_key();
        let purpose = Purpose::Login("a key");
        assert_ne!(
            issue(key(), &runtime, purpose),
            issue(key(), &runtime, purpose)
        );
    }
}
