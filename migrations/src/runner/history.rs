//! Which migrations a database has, read without creating a table or a file.

use std::time::{Duration, Instant};

use sea_orm_migration::sea_orm::sqlx::{
    self, ConnectOptions as _, Connection as _, PgConnection, SqliteConnection,
};
use tenantry_core::db::{ConnectError, DatabaseUrl};
use tokio::time::{sleep, timeout};

use crate::{compatibility::TABLE, error::MigrationError};

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long to wait for a server that is starting before the next attempt.
const RETRY: Duration = Duration::from_millis(100);

/// The tables and views of the database; SQLite's own and those of Postgres's extensions are none.
const SQLITE_TABLES: &str = "
    SELECT name FROM sqlite_schema
    WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
const POSTGRES_TABLES: &str = "
    SELECT relname::text FROM pg_class c
    WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
      AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
      AND NOT EXISTS (SELECT FROM pg_depend d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    ORDER BY relname";

/// The version of a Postgres that is too old: the views of today need `security_invoker`.
const VERSION: &str = "SELECT current_setting('server_version')
    WHERE current_setting('server_version_num')::int < 150000";

const MIGRATIONS: &str = "seaql_migrations";
const APPLIED: &str = "SELECT version::text FROM seaql_migrations ORDER BY version";
const NEEDS: &str = "SELECT version || ' ' || needs FROM migration_compatibility ORDER BY version";
const APPLIED_ON_SQLITE: &str = "SELECT version FROM seaql_migrations ORDER BY version";

/// One connection, without a pool: a pool would try again and again where nothing listens.
pub(super) enum Reader {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Reader {
    /// `None` when the SQLite file doesn't exist.
    pub(super) async fn open(url: &DatabaseUrl) -> Result<Option<Self>, ConnectError> {
        if let Some(options) = url.sqlite_options() {
            if url.file().is_none_or(|file| !file.exists()) {
                return Ok(None);
            }
            let options = options.create_if_missing(false).disable_statement_logging();
            let connection = options.connect().await.map_err(ConnectError::Refused)?;
            return Ok(Some(Self::Sqlite(connection)));
        }
        let options = url.postgres_options().expect("no address of SQLite");
        let options = options.clone().disable_statement_logging();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let connected = timeout(left, options.connect()).await;
            let connected = connected.map_err(|_| ConnectError::TimedOut(PATIENCE))?;
            match connected.map_err(|error| ConnectError::of_postgres(error, &options)) {
                Ok(connection) => return Ok(Some(Self::Postgres(connection))),
                Err(error) if error.is_transient() && Instant::now() + RETRY < deadline => {
                    sleep(RETRY).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) async fn read(&mut self, sqlite: &'static str, postgres: &'static str) -> Rows {
        match self {
            Self::Sqlite(connection) => sqlx::query_scalar(sqlite).fetch_all(connection).await,
            Self::Postgres(connection) => sqlx::query_scalar(postgres).fetch_all(connection).await,
        }
    }

    pub(super) async fn close(self) {
        // The answer is there already; a failed goodbye changes nothing.
        drop(match self {
            Self::Sqlite(connection) => connection.close().await,
            Self::Postgres(connection) => connection.close().await,
        });
    }
}

pub(super) type Rows = Result<Vec<String>, sqlx::Error>;

/// What a database has.
#[derive(Default)]
pub(super) struct History {
    /// The names of the applied migrations, in their order.
    pub(super) applied: Vec<String>,
    /// Pairs of a migration and the one that a program must know to run on it.
    pub(super) needs: Vec<(String, String)>,
}

/// Connects once, so that a failure is known before a pool tries again and again.
pub(super) async fn reach(url: &DatabaseUrl) -> Result<(), ConnectError> {
    if let Some(reader) = Reader::open(url).await? {
        reader.close().await;
    }
    Ok(())
}

/// Which migrations the database has, and what they say.
///
/// # Errors
/// When the database can't be reached, or has tables and none of them is ours.
pub(super) async fn history(url: &DatabaseUrl) -> Result<History, MigrationError> {
    let Some(mut reader) = Reader::open(url).await? else {
        return Ok(History::default());
    };
    let is_postgres = matches!(reader, Reader::Postgres(_));
    let version = if is_postgres {
        reader.read(VERSION, VERSION).await
    } else {
        Ok(Vec::new())
    };
    if let Some(old) = version.map_err(ConnectError::Refused)?.pop() {
        reader.close().await;
        return Err(MigrationError::TooOld(old));
    }
    let read = read(&mut reader).await;
    reader.close().await;
    match read.map_err(ConnectError::Refused)? {
        Ok(history) => Ok(history),
        Err(foreign) => Err(MigrationError::Foreign(foreign)),
    }
}

/// The history, or the tables of a database that has none.
async fn read(reader: &mut Reader) -> Result<Result<History, Vec<String>>, sqlx::Error> {
    let tables = reader.read(SQLITE_TABLES, POSTGRES_TABLES).await?;
    let has = |name: &str| tables.iter().any(|table| table == name);
    if !has(MIGRATIONS) {
        let none = tables.is_empty();
        return Ok(if none {
            Ok(History::default())
        } else {
            Err(tables)
        });
    }
    let applied = reader.read(APPLIED_ON_SQLITE, APPLIED).await?;
    if applied.is_empty() && tables.len() > 1 {
        // Another program may use the same library of migrations, and have applied none yet.
        return Ok(Err(tables));
    }
    let mut needs = Vec::new();
    if has(TABLE) {
        for row in reader.read(NEEDS, NEEDS).await? {
            needs.extend(
                row.split_once(' ')
                    .map(|(name, needed)| (name.to_owned(), needed.to_owned())),
            );
        }
    }
    Ok(Ok(History { applied, needs }))
}
