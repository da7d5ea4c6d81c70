//! The pools of one database handle: one that reads and one that writes.

use std::time::Instant;

use futures_util::future::join;
use metrics::histogram;
use sea_orm::{
    DbErr,
    sqlx::{
        SqlSafeStr as _, SqlitePool, Transaction,
        postgres::PgConnectOptions,
        sqlite::{SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
    },
};
use tokio::sync::Mutex;

use super::{
    Backend, DatabaseOptions, DatabaseUrl, DbError, PoolStats,
    connection::{Connection, Executor},
    error::map_sqlx_error,
    pool::ConnectionPool,
    private_file::keep_private,
    session_settings::session_settings,
    tenant_setting::begin_with_tenant,
    turns::Turns,
};
use crate::id::{OrganizationId, Uuid};

#[derive(Clone)]
pub(super) enum Pools {
    /// Connections of the read pool are read-only, so a statement that must not write can't.
    Postgres {
        readers: ConnectionPool,
        writers: ConnectionPool,
    },
    /// SQLite has one writer at a time. With one write connection, writers queue for it here,
    /// where waiting is fair, and not for the file's lock, where it is not.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
        turns: Turns,
    },
}

impl Pools {
    pub(super) async fn open(options: &DatabaseOptions) -> Result<Self, DbError> {
        let url = DatabaseUrl::parse(&options.url)
            .map_err(|expected| DbErr::Custom(format!("the address of the database {expected}")));
        let opened = match url {
            Ok(url) => match url.postgres_options() {
                Some(connect) => Self::open_postgres(options, connect).await,
                None => Self::open_sqlite(options, &url).await,
            },
            Err(error) => Err(error),
        };
        opened.map_err(DbError::Unavailable)
    }

    async fn open_postgres(
        options: &DatabaseOptions,
        connect: &PgConnectOptions,
    ) -> Result<Self, DbErr> {
        let connect = connect
            .clone()
            .application_name("tenantry")
            .options(session_settings(options.waits));
        let pool = |connect, share| {
            ConnectionPool::new(connect, options.connections, share, options.acquire_timeout)
        };
        let read_only = [("default_transaction_read_only", "on")];
        // A database that is read-only by default stays so: its administrator said that.
        let readers = pool(connect.clone().options(read_only), options.connections);
        // Writes wait for locks: the other half of the connections stays free for everyone else.
        let writers = pool(connect, options.connections.div_ceil(2));
        // An unreachable database fails the start.
        readers.connect().await?;
        Ok(Self::Postgres { readers, writers })
    }

    async fn open_sqlite(options: &DatabaseOptions, url: &DatabaseUrl) -> Result<Self, DbErr> {
        if let Some(file) = url.file() {
            let kept = keep_private(file, url.creates_file());
            kept.map_err(|error| map_sqlx_error(error.into()))?;
        }
        let connect = url
            .sqlite_options()
            .expect("no address of Postgres")
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            // As on Postgres; columns that are searched without case are stored in lower case.
            .pragma("case_sensitive_like", "ON")
            .busy_timeout(options.acquire_timeout);
        let pool = |connections| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(options.acquire_timeout)
                // A file does not disconnect.
                .test_before_acquire(false)
        };
        let writer = pool(1)
            .connect_with(connect.clone())
            .await
            .map_err(map_sqlx_error)?;
        let readers = pool(options.connections)
            .connect_with(connect.pragma("query_only", "ON"))
            .await
            .map_err(map_sqlx_error)?;
        Ok(Self::Sqlite {
            writer,
            readers,
            turns: Turns::new(options),
        })
    }

    /// New pools of the same options. SQLite shares its pools among all workers.
    pub(super) fn for_worker(&self) -> Self {
        match self {
            Self::Postgres { readers, writers } => Self::Postgres {
                readers: readers.for_worker(),
                writers: writers.for_worker(),
            },
            Self::Sqlite { .. } => self.clone(),
        }
    }

    pub(super) const fn backend(&self) -> Backend {
        match self {
            Self::Postgres { .. } => Backend::Postgres,
            Self::Sqlite { .. } => Backend::Sqlite,
        }
    }

    pub(super) fn connect_options(&self) -> Option<&PgConnectOptions> {
        match self {
            Self::Postgres { readers, .. } => Some(readers.connect_options()),
            Self::Sqlite { .. } => None,
        }
    }

    /// Reads without a transaction, each statement scoped to the tenant if there is one.
    pub(super) fn read_connection(&self, tenant: Option<OrganizationId>) -> Connection {
        Connection::new(match self {
            Self::Postgres { readers, .. } => Executor::PostgresPool {
                pool: readers.clone(),
                tenant,
                holder: tenant.map(OrganizationId::uuid),
            },
            Self::Sqlite { readers, turns, .. } => Executor::SqlitePool {
                pool: readers.clone(),
                turn: turns.to_read(tenant.map(OrganizationId::uuid)),
            },
        })
    }

    /// Writes with one statement, which sets its tenant itself. `None` on SQLite, where fewer
    /// statements save nothing.
    pub(super) fn single_statement_connection(&self, holder: Option<Uuid>) -> Option<Connection> {
        match self {
            Self::Postgres { writers, .. } => Some(Connection::new(Executor::PostgresPool {
                pool: writers.clone(),
                tenant: None,
                holder,
            })),
            Self::Sqlite { .. } => None,
        }
    }

    /// Starts a transaction, with a connection of the holder's share.
    pub(super) async fn begin(
        &self,
        tenant: Option<OrganizationId>,
        holder: Option<Uuid>,
    ) -> Result<Connection, DbError> {
        let executor = match self {
            Self::Postgres { writers, .. } => {
                let connection = writers.begin(begin_with_tenant(tenant), holder).await?;
                Executor::PostgresTransaction(Mutex::new(connection))
            }
            // Of two deferred transactions that start to write, one would fail instead of wait.
            Self::Sqlite { writer, turns, .. } => {
                let turn = turns.to_write(holder).take().await?;
                let statement = "BEGIN IMMEDIATE".into_sql_str();
                let start = Instant::now();
                let connection = writer.acquire().await.map_err(map_sqlx_error)?;
                histogram!("db_client_connection_wait_time_seconds").record(start.elapsed());
                let transaction = Transaction::begin(connection, Some(statement)).await;
                let transaction = Mutex::new(transaction.map_err(map_sqlx_error)?);
                Executor::SqliteTransaction { transaction, turn }
            }
        };
        Ok(Connection::new(executor))
    }

    pub(super) fn stats(&self) -> PoolStats {
        match self {
            Self::Postgres { readers, writers } => readers.stats().and(writers.stats()),
            Self::Sqlite {
                writer, readers, ..
            } => PoolStats::of(writer).and(PoolStats::of(readers)),
        }
    }

    pub(super) async fn close(&self) {
        match self {
            Self::Postgres { readers, writers } => {
                join(readers.close(), writers.close()).await;
            }
            Self::Sqlite {
                writer, readers, ..
            } => {
                readers.close().await;
                writer.close().await;
            }
        }
    }
}
