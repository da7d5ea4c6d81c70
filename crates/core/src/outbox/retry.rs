//! How failed deliveries are retried.

use std::time::Duration;

/// How many attempts are made before a delivery becomes a dead letter: about 45 minutes.
const MAX_ATTEMPTS: u32 = 15;

/// How often a failed delivery is retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryPolicy {
    /// Not at all.
    Never,
    /// Up to 15 attempts, over about 45 minutes.
    Limited,
    /// Until it succeeds. The later events of its stream wait, so they stay in order.
    Unlimited,
}

impl RetryPolicy {
    pub(super) const fn is_exhausted_by(self, attempts: u32) -> bool {
        match self {
            Self::Never => true,
            Self::Limited => attempts >= MAX_ATTEMPTS,
            Self::Unlimited => false,
        }
    }

    /// Unlimited retries wait for a system that comes back, and resume soon after it does.
    pub(super) const fn max_backoff(self) -> Duration {
        match self {
            Self::Never | Self::Limited => Duration::from_secs(600),
            Self::Unlimited => Duration::from_secs(30),
        }
    }
}

/// What happens to a delivery after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureOutcome {
    /// It is retried later.
    Retry,
    /// It is a dead letter.
    DeadLettered,
}

/// How long to wait after this many failed attempts: exponential, with up to half of it jitter, so
/// that deliveries that failed together are not retried together.
pub(super) fn backoff(attempts: u32, random: u16, max: Duration) -> Duration {
    const FIRST: Duration = Duration::from_secs(1);
    let doubled = FIRST.saturating_mul(1 << attempts.saturating_sub(1).min(16));
    let whole = doubled.min(max);
    whole / 2 + whole / 2 * u32::from(random) / u32::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_backoff_doubles_up_to_its_maximum() {
        let max = Duration::from_secs(600);
        let longest = |attempts| backoff(attempts, u16::MAX, max).as_millis();
        assert_eq!([1, 2, 3, 4].map(longest), [1000, 2000, 4000, 8000]);
        assert_eq!(backoff(1, 0, max).as_millis(), 500);
        assert_eq!(longest(u32::MAX), 600_000);
    }
}
