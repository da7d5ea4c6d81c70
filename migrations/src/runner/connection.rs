//! The connection of a run that writes, and the lock that serializes runs.

use std::{
    fs::File,
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

use sea_orm_migration::{
    DbErr,
    sea_orm::{
        ConnectionTrait as _, DatabaseConnection, DbBackend, Statement,
        sqlx::{
            self, ConnectOptions as _, Database, Pool, Postgres, Sqlite, pool::PoolOptions,
            sqlite::SqliteJournalMode,
        },
    },
};
use tenantry_core::db::{ConnectError, DatabaseUrl, keep_private, open_private};
use tokio::{task::spawn_blocking, time::sleep};

use super::history::reach;
use crate::error::MigrationError;

/// Names our lock among the advisory locks of a Postgres database. It never changes: two versions of the
/// program migrate one after the other.
const LOCK_KEY: i64 = 0x7465_6e61_6e74_7279;

/// How long a run sleeps between two attempts to get the lock.
const RETRY: Duration = Duration::from_millis(50);

/// How long a statement may wait for a table that another session uses. Requests queue behind the
/// waiting statement, so it is shorter than what they wait for a connection.
const LOCK_TIMEOUT: (&str, &str) = ("lock_timeout", "500ms");

/// How long the pool may try to connect.
const PATIENCE: Duration = Duration::from_secs(5);

/// The one connection of a run that writes, and the lock that it holds.
pub(super) struct Session {
    db: DatabaseConnection,
    // On SQLite the operating system frees the lock with the file, however the process ends.
    _lock: Option<File>,
}

impl Session {
    /// Connects and waits for the lock. The caller knows already that the database is ours.
    pub(super) async fn open(url: &DatabaseUrl) -> Result<Self, MigrationError> {
        if let Some(options) = url.postgres_options() {
            reach(url).await?;
            let options = options.clone().options([LOCK_TIMEOUT]);
            let db = one_connection::<Postgres>(options).await?.into();
            lock_within(&db).await?;
            return Ok(Self { db, _lock: None });
        }
        let mut options = url.sqlite_options().expect("no address of Postgres");
        let mut lock = None;
        if let Some(file) = url.file() {
            if !url.creates_file() && !file.exists() {
                // Before the lock file, which would be left behind.
                return Err(ConnectError::File(ErrorKind::NotFound.into()).into());
            }
            let kept = keep_private(file, url.creates_file());
            kept.map_err(ConnectError::File)?;
            // The file lock before connecting: switching to WAL needs the database for itself.
            lock = Some(lock_beside(file).await?);
            options = options.journal_mode(SqliteJournalMode::Wal);
        }
        let db = one_connection::<Sqlite>(options).await?.into();
        Ok(Self { db, _lock: lock })
    }

    pub(super) fn database(&self) -> &DatabaseConnection {
        &self.db
    }

    /// Disconnects, which frees the lock.
    pub(super) async fn close(self) {
        // A goodbye that fails ends the connection all the same.
        drop(self.db.close().await);
    }
}

/// The lock lives and dies with its connection. So there is exactly one, it is never retired, and
/// one that broke is reported instead of replaced.
async fn one_connection<D: Database>(
    options: <D::Connection as sqlx::Connection>::Options,
) -> Result<Pool<D>, ConnectError> {
    let pool = PoolOptions::<D>::new()
        .max_connections(1)
        .acquire_timeout(PATIENCE)
        .max_lifetime(None)
        .idle_timeout(None)
        .test_before_acquire(false)
        .connect_with(options.disable_statement_logging())
        .await;
    pool.map_err(|error| match error {
        sqlx::Error::PoolTimedOut => ConnectError::TimedOut(PATIENCE),
        error => ConnectError::Refused(error),
    })
}

async fn lock_beside(database: &Path) -> Result<File, MigrationError> {
    let mut path = database.as_os_str().to_owned();
    path.push(".migrate-lock");
    let path = PathBuf::from(path);
    let shown = path.display().to_string();
    spawn_blocking(move || take(&path))
        .await
        .unwrap_or_else(|_| Err(std::io::Error::other("interrupted")))
        .map_err(|cause| MigrationError::Lock { path: shown, cause })
}

fn take(path: &Path) -> std::io::Result<File> {
    let file = open_private(path)?;
    file.lock()?;
    Ok(file)
}

async fn lock_within(db: &DatabaseConnection) -> Result<(), MigrationError> {
    let question = format!("SELECT pg_try_advisory_lock({LOCK_KEY}) AS taken");
    let statement = Statement::from_string(DbBackend::Postgres, question);
    // Asking again and again, because a statement that waits inside the database would be one
    // that `CREATE INDEX CONCURRENTLY` of the lock's holder waits for: a deadlock.
    loop {
        let row = db.query_one_raw(statement.clone()).await?;
        let answer = row.ok_or_else(|| DbErr::RecordNotFound("no answer".to_owned()))?;
        if answer.try_get("", "taken")? {
            return Ok(());
        }
        sleep(RETRY).await;
    }
}
