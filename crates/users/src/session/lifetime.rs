//! How long a session lives.

use chrono::TimeDelta;
use tenantry_core::clock::Timestamp;

/// How long a session lives: until it was not used for a while, or until it is too old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLifetime {
    /// How long a session lives unused.
    pub idle: TimeDelta,
    /// How long a session lives at most, whatever its use.
    pub absolute: TimeDelta,
}

/// 7 days unused, 30 days in all.
impl Default for SessionLifetime {
    fn default() -> Self {
        Self {
            idle: TimeDelta::days(7),
            absolute: TimeDelta::days(30),
        }
    }
}

impl SessionLifetime {
    /// When a session that begins now ends at the latest.
    #[must_use]
    pub fn expiry(&self, now: Timestamp) -> Timestamp {
        now + self.absolute
    }

    /// The moment after which a session must have been used to be alive now.
    #[must_use]
    pub fn idle_since(&self, now: Timestamp) -> Timestamp {
        now - self.idle
    }
}
