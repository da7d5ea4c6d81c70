//! Version, encryption and clock of the database server.

use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use super::{Backend, Database, DbError};
use crate::clock::Timestamp;

/// Facts about the database server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerInfo {
    /// The version, as the server reports it.
    pub version: String,
    /// The major version.
    pub major: u32,
    /// Whether the connection is encrypted; `None` without a network.
    pub encrypted: Option<bool>,
    /// The server's clock; `None` where it is this machine's.
    pub time: Option<Timestamp>,
    /// Why transactions can't write, if they can't.
    pub read_only: Option<ReadOnly>,
    /// How long a session waits, in the words of Postgres; `0` is for ever.
    pub waits: Option<SessionWaits>,
}

/// How long a session of Postgres waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionWaits {
    /// For a lock.
    pub lock: String,
    /// For the end of a statement.
    pub statement: String,
    /// For the next statement of an open transaction.
    pub idle_transaction: String,
}

/// Why a database can't be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOnly {
    /// It is a standby, which repeats what another server writes.
    Standby,
    /// Its default says so: `default_transaction_read_only` is on.
    Default,
}

const WAITS: &str = "
    SELECT current_setting('lock_timeout') AS lock,
           current_setting('statement_timeout') AS statement,
           current_setting('idle_in_transaction_session_timeout') AS idle";

/// A transaction that may write by the database's default.
const WRITER: &str = "
    SELECT pg_is_in_recovery() AS standby,
           current_setting('transaction_read_only')::boolean AS read_only";

const POSTGRES: &str = "
    SELECT current_setting('server_version') AS version, clock_timestamp() AS time,
           (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS encrypted";

const SQLITE: &str = "SELECT sqlite_version() AS version";

impl Database {
    /// The version of the database and its clock.
    ///
    /// # Errors
    /// When the database fails.
    #[expect(
        clippy::disallowed_methods,
        reason = "reads the database's version, which no organization owns"
    )]
    pub async fn server_info(&self) -> Result<ServerInfo, DbError> {
        let (backend, sql) = match self.backend() {
            Backend::Postgres => (DbBackend::Postgres, POSTGRES),
            Backend::Sqlite => (DbBackend::Sqlite, SQLITE),
        };
        let rows = self.read_global();
        let statement = Statement::from_string(backend, sql);
        let row = rows.connection().query_one_raw(statement).await?;
        let row = row.ok_or(DbError::RolledBack)?;
        let version: String = row.try_get("", "version")?;
        let number = version.split(|c: char| !c.is_ascii_digit()).next();
        let (time, encrypted) = match self.backend() {
            Backend::Postgres => (
                Some(row.try_get("", "time")?),
                Some(row.try_get("", "encrypted")?),
            ),
            Backend::Sqlite => (None, None),
        };
        Ok(ServerInfo {
            major: number.and_then(|number| number.parse().ok()).unwrap_or(0),
            version,
            encrypted,
            time,
            read_only: self.read_only().await?,
            waits: self.session_waits().await?,
        })
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "reads settings of the session, which no organization owns"
    )]
    async fn session_waits(&self) -> Result<Option<SessionWaits>, DbError> {
        if self.backend() == Backend::Sqlite {
            return Ok(None);
        }
        let rows = self.read_global();
        let statement = Statement::from_string(DbBackend::Postgres, WAITS);
        let row = rows.connection().query_one_raw(statement).await?;
        let row = row.ok_or(DbError::RolledBack)?;
        Ok(Some(SessionWaits {
            lock: row.try_get("", "lock")?,
            statement: row.try_get("", "statement")?,
            idle_transaction: row.try_get("", "idle")?,
        }))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "reads the state of the server, which no organization owns"
    )]
    async fn read_only(&self) -> Result<Option<ReadOnly>, DbError> {
        if self.backend() == Backend::Sqlite {
            return Ok(None);
        }
        let transaction = self.transaction(None, None).await?;
        let statement = Statement::from_string(DbBackend::Postgres, WRITER);
        let row = transaction.query_one_raw(statement).await?;
        let row = row.ok_or(DbError::RolledBack)?;
        Ok(if row.try_get("", "standby")? {
            Some(ReadOnly::Standby)
        } else if row.try_get("", "read_only")? {
            Some(ReadOnly::Default)
        } else {
            None
        })
    }
}
