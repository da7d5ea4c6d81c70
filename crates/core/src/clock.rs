//! Time, injected: expiry is tested without sleeping.

use chrono::{DateTime, SubsecRound as _, Utc};

/// A moment in UTC, to the microsecond: the finest that every supported database keeps.
pub type Timestamp = DateTime<Utc>;

/// Where the present time comes from.
pub trait Clock: Send + Sync + 'static {
    /// The present moment, truncated to microseconds.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // SQLite would keep nanoseconds and Postgres would not; a value must read back as written.
        Utc::now().trunc_subsecs(6)
    }
}
