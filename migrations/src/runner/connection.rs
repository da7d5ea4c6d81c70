//! Connections for migrations, and the lock that serializes runs.

use std::{
    fs::File,
    path::{Path, PathBuf},
    time::Duration,
};

use sea_orm_migration::{
    DbErr,
    sea_orm::{
        ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement,
        sqlx::sqlite::SqliteJournalMode,
    },
};
use tokio::{task::spawn_blocking, time::sleep};

use super::address::Address;
use crate::error::MigrationError;

/// Names our lock among the advisory locks of a Postgres database: `tenantry` in ASCII.
const LOCK_KEY: i64 = i64::from_be_bytes(*b"tenantry");

/// How long a run sleeps between two attempts to get the lock.
const RETRY: Duration = Duration::from_millis(50);

/// How long to try to connect: the pool tries again and again, and by default for half a minute.
const PATIENCE: Duration = Duration::from_secs(5);

/// The one connection of a run that writes, and the lock that it holds.
pub(super) struct Session {
    db: DatabaseConnection,
    // On SQLite the operating system frees the lock with the file, however the process ends.
    _lock: Option<File>,
}

impl Session {
    /// Connects and waits for the lock.
    pub(super) async fn open(url: &str) -> Result<Self, MigrationError> {
        let address: Address = url.parse()?;
        let mut options = options(url);
        options.map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .foreign_keys(true)
                .journal_mode(SqliteJournalMode::Wal)
        });
        // The file lock before connecting: switching to WAL needs the database for itself.
        let lock = match &address {
            Address::File(file) => Some(lock_beside(file).await?),
            Address::Memory | Address::Server => None,
        };
        let db = Database::connect(options).await?;
        if address == Address::Server {
            lock_within(&db).await?;
        }
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

/// A connection that creates nothing; none when the SQLite file doesn't exist.
pub(super) async fn reader(url: &str) -> Result<Option<DatabaseConnection>, MigrationError> {
    match url.parse()? {
        Address::Memory => return Ok(None),
        Address::File(file) if !file.exists() => return Ok(None),
        Address::File(_) | Address::Server => {}
    }
    let mut options = options(url);
    options.map_sqlx_sqlite_opts(|sqlite| sqlite.create_if_missing(false));
    Ok(Some(Database::connect(options).await?))
}

fn options(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    // The lock lives and dies with its connection. So there is exactly one, it is never
    // retired, and one that broke is reported instead of replaced.
    options
        .max_connections(1)
        .connect_timeout(PATIENCE)
        .acquire_timeout(PATIENCE)
        .max_lifetime(None)
        .idle_timeout(None)
        .test_before_acquire(false)
        .sqlx_logging(false);
    options
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
    let file = File::options().create(true).append(true).open(path)?;
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
