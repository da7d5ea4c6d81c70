//! Waiting for tables that other sessions use, without keeping requests waiting.

use std::time::{Duration, Instant};

use sea_orm_migration::{
    DbErr,
    sea_orm::{RuntimeErr, sqlx},
};
use tokio::time::sleep;

/// How long requests have the tables for themselves between two attempts.
const PAUSE: Duration = Duration::from_millis(500);

/// How long a migration is tried. A backup of a large database may take longer.
const RETRY_FOR: Duration = Duration::from_secs(60);

/// `lock_not_available`.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// Runs a migration again while it can't lock a table in time; each attempt is rolled back.
pub(super) async fn until_unlocked<F>(run: impl Fn() -> F) -> Result<(), DbErr>
where
    F: Future<Output = Result<(), DbErr>>,
{
    let deadline = Instant::now() + RETRY_FOR;
    loop {
        match run().await {
            Err(error) if is_locked(&error) && Instant::now() < deadline => sleep(PAUSE).await,
            ended => return ended,
        }
    }
}

/// Whether the migration waited too long for a lock.
pub(super) fn is_locked(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) =
        error
    else {
        return false;
    };
    let sqlx::Error::Database(error) = &**error else {
        return false;
    };
    error.code().as_deref() == Some(LOCK_NOT_AVAILABLE)
}
