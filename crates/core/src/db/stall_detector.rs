//! The line of those who wait for a connection to Postgres.

use std::{
    pin::pin,
    sync::Mutex,
    time::{Duration, Instant},
};

/// How long somebody waits in a line that does not move. Where the database is away nobody's turn
/// comes, and to wait for the pool's own patience would only make everybody wait.
const PATIENCE: Duration = Duration::from_millis(900);

/// When the line last moved.
pub(super) struct Line(Mutex<Instant>);

impl Line {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Instant::now()))
    }

    /// Somebody gave a connection back.
    pub(super) fn moved(&self) {
        *self.0.lock().expect("nothing panics under it") = Instant::now();
    }

    fn moves(&self) -> bool {
        let moved = *self.0.lock().expect("nothing panics under it");
        moved.elapsed() < PATIENCE
    }

    /// Waits for a turn as long as others get theirs, and no longer than `most`. Nothing where it
    /// does not come.
    pub(super) async fn wait<T>(&self, turn: impl Future<Output = T>, most: Duration) -> Option<T> {
        let mut turn = pin!(turn);
        let begun = Instant::now();
        loop {
            match tokio::time::timeout(PATIENCE.min(most), turn.as_mut()).await {
                Ok(came) => return Some(came),
                Err(_) if self.moves() && begun.elapsed() < most => {}
                Err(_) => return None,
            }
        }
    }
}
