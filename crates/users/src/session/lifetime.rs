//! How long a session lives.

use chrono::TimeDelta;
use tenantry_core::clock::Timestamp;

/// How long a session lives: until the idle timeout or the absolute one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLifetime {
    /// The idle timeout.
    pub idle: TimeDelta,
    /// The maximum age, whatever its use.
    pub absolute: TimeDelta,
}

/// 7 days idle, 30 days in all.
impl Default for SessionLifetime {
    fn default() -> Self {
        Self {
            idle: TimeDelta::days(7),
            absolute: TimeDelta::days(30),
        }
    }
}

impl SessionLifetime {
    /// When a session created now expires at the latest.
    #[must_use]
    pub fn expiry(&self, now: Timestamp) -> Timestamp {
        now + self.absolute
    }

    /// A session that was last used before this moment is expired now.
    #[must_use]
    pub fn idle_since(&self, now: Timestamp) -> Timestamp {
        now - self.idle
    }
}
