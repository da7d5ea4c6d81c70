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
    /// Signs the cursors of pages.
    pub cursor_key: CursorKey,
}
