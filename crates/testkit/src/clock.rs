//! A clock that moves only when a test moves it.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta};
use tenantry_core::clock::{Clock, Timestamp};

/// A clock that is fixed until a test moves it. It starts at 2026-01-05 09:00 UTC.
#[derive(Debug)]
pub struct FixedClock {
    micros: AtomicI64,
}

impl FixedClock {
    /// A clock at the given moment, truncated to microseconds.
    #[must_use]
    pub const fn at(moment: Timestamp) -> Self {
        Self {
            micros: AtomicI64::new(moment.timestamp_micros()),
        }
    }

    /// Moves the clock to the given moment, forward or back.
    pub fn set(&self, moment: Timestamp) {
        self.micros
            .store(moment.timestamp_micros(), Ordering::SeqCst);
    }

    /// Moves the clock forward, or back by a negative step.
    ///
    /// # Panics
    /// When the step doesn't fit in 64 bits of microseconds.
    pub fn advance(&self, step: TimeDelta) {
        let step = step.num_microseconds().expect("a step of sensible length");
        self.micros.fetch_add(step, Ordering::SeqCst);
    }
}

impl Default for FixedClock {
    fn default() -> Self {
        // A Monday morning: 2026-01-05T09:00:00Z.
        Self {
            micros: AtomicI64::new(1_767_603_600_000_000),
        }
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        DateTime::from_timestamp_micros(self.micros.load(Ordering::SeqCst))
            .expect("only moments that chrono can express are set")
    }
}
