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

    /// Whether a session is alive.
    #[must_use]
    pub fn is_alive(
        &self,
        last_seen_at: Timestamp,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> bool {
        expires_at > now && last_seen_at > self.idle_since(now)
    }

    /// Whether it is time to note that a session is in use. Noting every request would make
    /// every read a write; a hundredth of the idle time is exact enough.
    #[must_use]
    pub fn is_touch_due(&self, last_seen_at: Timestamp, now: Timestamp) -> bool {
        now - last_seen_at >= self.idle / 100
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    #[test]
    fn an_unused_session_dies_after_the_idle_time() {
        let lifetime = SessionLifetime::default();
        let expires_at = lifetime.expiry(at(0));
        assert!(lifetime.is_alive(at(0), expires_at, at(7 * 24 - 1)));
        assert!(!lifetime.is_alive(at(0), expires_at, at(7 * 24)));
    }

    #[test]
    fn a_used_session_dies_at_its_expiry() {
        let lifetime = SessionLifetime::default();
        let expires_at = lifetime.expiry(at(0));
        assert!(lifetime.is_alive(at(30 * 24 - 2), expires_at, at(30 * 24 - 1)));
        assert!(!lifetime.is_alive(at(30 * 24 - 1), expires_at, at(30 * 24)));
    }

    #[test]
    fn use_is_noted_now_and_then() {
        let lifetime = SessionLifetime::default();
        assert!(!lifetime.is_touch_due(at(0), at(1)));
        assert!(lifetime.is_touch_due(at(0), at(2)));
    }
}
