//! How a database is opened.

use std::time::Duration;

use super::CursorKey;

/// Which database is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// The embedded default.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// How to open the database.
#[derive(Clone, Debug)]
pub struct DatabaseOptions {
    /// `sqlite://…` or `postgres://…`.
    pub url: String,
    /// On Postgres: the maximum size of the read pool and of the write pool, for this handle and
    /// for each [`for_worker`](super::Database::for_worker). On SQLite: the number of readers.
    pub connections: u32,
    /// How long to wait for a free connection.
    pub acquire_timeout: Duration,
    /// On Postgres: how long to wait for what another session holds.
    pub waits: WaitLimits,
    /// Signs the cursors of pages.
    pub cursor_key: CursorKey,
}

/// How long a session of Postgres waits. What takes longer is rolled back, and fails as
/// [`DbError::Unavailable`](super::DbError::Unavailable).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitLimits {
    /// For a lock.
    pub lock: Duration,
    /// For the end of a statement.
    pub statement: Duration,
    /// For the next statement of an open transaction: the program may have stopped.
    pub idle_transaction: Duration,
}

impl Default for WaitLimits {
    fn default() -> Self {
        Self {
            lock: Duration::from_secs(3),
            statement: Duration::from_secs(10),
            idle_transaction: Duration::from_secs(2),
        }
    }
}

impl WaitLimits {
    /// The same limits, none of them longer than this.
    #[must_use]
    pub fn at_most(self, max: Duration) -> Self {
        Self {
            lock: self.lock.min(max),
            statement: self.statement.min(max),
            idle_transaction: self.idle_transaction.min(max),
        }
    }
}
