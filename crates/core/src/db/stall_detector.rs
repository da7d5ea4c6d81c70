//! Detects that no connection of a pool is returned any more.

use std::{
    pin::pin,
    sync::Mutex,
    time::{Duration, Instant},
};

/// How long a caller waits while no connection is returned. When the database is down, waiting for
/// the whole acquire timeout would only delay every error.
const STALL_TIMEOUT: Duration = Duration::from_millis(900);

/// When a connection was last returned.
pub(super) struct StallDetector(Mutex<Instant>);

impl StallDetector {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Instant::now()))
    }

    /// A connection was returned.
    pub(super) fn record_progress(&self) {
        *self.0.lock().expect("nothing panics under it") = Instant::now();
    }

    fn is_progressing(&self) -> bool {
        let last = *self.0.lock().expect("nothing panics under it");
        last.elapsed() < STALL_TIMEOUT
    }

    /// Waits for `acquired` as long as other callers get connections, and at most for `max`;
    /// `None` on timeout.
    pub(super) async fn wait_while_progressing<T>(
        &self,
        acquired: impl Future<Output = T>,
        max: Duration,
    ) -> Option<T> {
        let mut acquired = pin!(acquired);
        let start = Instant::now();
        loop {
            match tokio::time::timeout(STALL_TIMEOUT.min(max), acquired.as_mut()).await {
                Ok(value) => return Some(value),
                Err(_) if self.is_progressing() && start.elapsed() < max => {}
                Err(_) => return None,
            }
        }
    }
}
