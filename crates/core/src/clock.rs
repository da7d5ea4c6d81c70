//! Time, injected: expiry is tested without sleeping.

use chrono::{DateTime, SubsecRound as _, Utc};

/// A time in UTC with microseconds, the precision of both databases.
pub type Timestamp = DateTime<Utc>;

/// A source of the current time.
pub trait Clock: Send + Sync + 'static {
    /// The current time, truncated to microseconds.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // SQLite would store nanoseconds and Postgres would not; a value must read back as written.
        Utc::now().trunc_subsecs(6)
    }
}
