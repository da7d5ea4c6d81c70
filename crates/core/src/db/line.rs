//! The line of those who wait for a connection to Postgres.

use std::{
    pin::pin,
    sync::Mutex,
    time::{Duration, Instant},
};

use sea_orm::sqlx::{self, PgPool, Postgres, pool::PoolConnection};

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

    /// Waits for a connection as long as others get theirs.
    pub(super) async fn acquire(
        &self,
        pool: &PgPool,
    ) -> Result<PoolConnection<Postgres>, sqlx::Error> {
        let mut acquired = pin!(pool.acquire());
        loop {
            match tokio::time::timeout(PATIENCE, acquired.as_mut()).await {
                Ok(acquired) => return acquired,
                Err(_) if self.moves() => {}
                Err(_) => return Err(sqlx::Error::PoolTimedOut),
            }
        }
    }
}
