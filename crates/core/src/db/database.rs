//! Opening the database, and beginning work on it.

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Mutex as Lock, RwLock},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use metrics::histogram;
use sea_orm::sqlx::{
    SqlSafeStr as _, SqlitePool, Transaction,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::Mutex;

use super::{
    DbError, GlobalRows, Rows, TenantRows, UnitOfWork,
    connection::{Connection, Executor, failed},
    pool::Lender,
    pool_stats::PoolStats,
    scope::{Global, Tenant},
    tenant_setting::beginning,
};
use crate::{
    access::{Actor, ContextIssuer, Grant},
    db::CursorKey,
    id::{OrganizationId, Uuid},
    outbox::{DeliveryQueue, Publisher},
    runtime::{Entropy as _, Runtime, SystemEntropy},
};

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
    /// The most connections to Postgres at once that read, and as many that write, for this and
    /// for each [`for_worker`](Database::for_worker) from it; or the readers of SQLite.
    pub connections: u32,
    /// How long to wait for a connection before answering that there is none.
    pub acquire_timeout: Duration,
    /// Signs the cursors of pages.
    pub cursor_key: CursorKey,
}

/// What opening a database gives: the database, and the powers that exist once.
pub struct OpenDatabase {
    /// The database.
    pub database: Database,
    /// The power to say who is who; for the module that resolves contexts.
    pub issuer: ContextIssuer,
    /// What listeners are still to be told; for the dispatcher.
    pub queue: DeliveryQueue,
}

/// The database. Cheap to clone; lends out rows in a scope and never a connection.
#[derive(Clone)]
pub struct Database {
    inner: Arc<Inner>,
}

struct Inner {
    pools: Pools,
    common: Arc<Common>,
}

/// What all that are apart have in common.
struct Common {
    runtime: Runtime,
    publisher: Arc<dyn Publisher>,
    cursor_key: CursorKey,
    process: Uuid,
    /// Which tables were seen to refer to nothing but their organization.
    alone: RwLock<HashMap<String, bool>>,
    /// Those that were opened apart, to be closed with the first one.
    apart: Lock<Vec<Lender>>,
}

#[derive(Clone)]
enum Pools {
    /// A connection that reads refuses to write: a statement that was not meant to write can't.
    Postgres { readers: Lender, writers: Lender },
    /// SQLite has one writer at a time. Giving it a connection of its own makes writers queue
    /// here, where waiting is fair, and not in the file, where it is not.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
    },
}

impl Database {
    /// Opens the database.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when it can't be reached.
    pub async fn open(
        options: DatabaseOptions,
        runtime: Runtime,
        publisher: Arc<dyn Publisher>,
    ) -> Result<OpenDatabase, DbError> {
        let pools = Pools::open(&options).await?;
        let common = Arc::new(Common {
            runtime,
            publisher,
            cursor_key: options.cursor_key,
            process: process_id(),
            alone: RwLock::default(),
            apart: Lock::default(),
        });
        let database = Self::of(pools, common);
        Ok(OpenDatabase {
            queue: DeliveryQueue::new(database.clone()),
            database,
            issuer: ContextIssuer::new(),
        })
    }

    fn of(pools: Pools, common: Arc<Common>) -> Self {
        let inner = Arc::new(Inner { pools, common });
        Self { inner }
    }

    /// The same database through connections of its own, which are made when they are needed;
    /// for one thread of a server, which then wakes no other one to hear from Postgres. SQLite
    /// has one writer for all, and its readers are shared as well.
    ///
    /// # Panics
    /// Outside of a runtime of tokio: the connections belong to it.
    #[must_use]
    pub fn for_worker(&self) -> Self {
        let common = Arc::clone(&self.inner.common);
        let pools = match &self.inner.pools {
            Pools::Postgres { readers, writers } => {
                let (readers, writers) = (readers.apart(), writers.apart());
                let mut apart = common.apart.lock().expect("nothing panics under it");
                apart.extend([readers.clone(), writers.clone()]);
                Pools::Postgres { readers, writers }
            }
            shared @ Pools::Sqlite { .. } => shared.clone(),
        };
        Self::of(pools, common)
    }

    /// Which database this is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        match self.inner.pools {
            Pools::Postgres { .. } => Backend::Postgres,
            Pools::Sqlite { .. } => Backend::Sqlite,
        }
    }

    /// The clock and the randomness that everything on this database uses.
    #[must_use]
    pub fn runtime(&self) -> &Runtime {
        &self.inner.common.runtime
    }

    /// Begins one unit of work. Nothing is sent before its first rows are asked for.
    pub fn begin(&self, actor: impl Into<Actor>) -> UnitOfWork {
        UnitOfWork::new(self.clone(), actor.into())
    }

    /// The rows of the grant's organization, to read. Nothing is sent before they are asked for.
    #[must_use]
    pub fn read<P>(&self, grant: &Grant<P>) -> TenantRows<'static> {
        let organization = grant.organization();
        let connection = self.reading(Some(organization));
        Rows::owning(connection, Tenant(organization), self.cursor_key())
    }

    /// What reads in the organization's name, if there is one: each statement by itself.
    pub(crate) fn reading(&self, organization: Option<OrganizationId>) -> Connection {
        let executor = match (&self.inner.pools, organization) {
            (Pools::Postgres { readers, .. }, Some(organization))
                if !cfg!(feature = "unnamed-reads") =>
            {
                Executor::PostgresReads(readers.clone(), organization)
            }
            (Pools::Postgres { readers, .. }, _) => Executor::PostgresPool(readers.clone()),
            (Pools::Sqlite { readers, .. }, _) => Executor::SqlitePool(readers.clone()),
        };
        Connection::new(executor)
    }

    /// The rows of tables that belong to no organization, to read.
    #[must_use]
    pub fn read_global(&self) -> GlobalRows<'static> {
        Rows::owning(self.reading(None), Global, self.cursor_key())
    }

    /// What writes with one statement, which is a transaction of its own and names its
    /// organization itself. SQLite has none: there a statement less saves nothing.
    pub(crate) fn writing_once(&self) -> Option<Connection> {
        match &self.inner.pools {
            Pools::Postgres { writers, .. } => {
                Some(Connection::new(Executor::PostgresPool(writers.clone())))
            }
            Pools::Sqlite { .. } => None,
        }
    }

    /// Begins a transaction that may write, in the organization's name if there is one.
    pub(crate) async fn transaction(
        &self,
        organization: Option<OrganizationId>,
    ) -> Result<Connection, DbError> {
        let executor = match &self.inner.pools {
            Pools::Postgres { writers, .. } => {
                let begun = writers.begin(beginning(organization)).await?;
                Executor::Postgres(Mutex::new(begun))
            }
            // A deferred transaction would fail, not wait, where two want to become writers.
            Pools::Sqlite { writer, .. } => {
                let statement = "BEGIN IMMEDIATE".into_sql_str();
                let asked = Instant::now();
                let acquired = writer.acquire().await.map_err(failed)?;
                histogram!("db_client_connection_wait_time_seconds").record(asked.elapsed());
                let begun = Transaction::begin(acquired, Some(statement)).await;
                Executor::Sqlite(Mutex::new(begun.map_err(failed)?))
            }
        };
        Ok(Connection::new(executor))
    }

    /// What was seen of a table, if anybody looked.
    pub(crate) fn refers_to_its_organization_alone(&self, table: &str) -> Option<bool> {
        let seen = self.inner.common.alone.read();
        seen.expect("nothing panics under it").get(table).copied()
    }

    pub(crate) fn know_whether_it_refers_alone(&self, table: &str, does: bool) {
        let seen = self.inner.common.alone.write();
        let mut seen = seen.expect("nothing panics under it");
        seen.insert(table.to_owned(), does);
    }

    pub(crate) fn publisher(&self) -> Arc<dyn Publisher> {
        Arc::clone(&self.inner.common.publisher)
    }

    pub(crate) fn cursor_key(&self) -> CursorKey {
        self.inner.common.cursor_key.clone()
    }

    /// What tells this process from the others; another one whenever the database is opened.
    pub(crate) fn process(&self) -> Uuid {
        self.inner.common.process
    }

    /// How to connect to Postgres, if it is Postgres.
    pub(crate) fn postgres(&self) -> Option<&PgConnectOptions> {
        match &self.inner.pools {
            Pools::Postgres { readers, .. } => Some(readers.connect_options()),
            Pools::Sqlite { .. } => None,
        }
    }

    /// How many connections there are, those of all that are apart among them.
    ///
    /// # Panics
    /// Never: nothing panics under the lock that it takes.
    #[must_use]
    pub fn pool_stats(&self) -> PoolStats {
        match &self.inner.pools {
            Pools::Postgres { readers, writers } => {
                let common = &self.inner.common;
                let apart = common.apart.lock().expect("nothing panics under it");
                let all = apart
                    .iter()
                    .chain([readers, writers])
                    .map(Lender::pool_stats);
                all.fold(PoolStats::default(), PoolStats::and)
            }
            Pools::Sqlite { writer, readers } => PoolStats::of(writer).and(PoolStats::of(readers)),
        }
    }

    /// Closes every connection, also those of all that are apart.
    pub async fn close(&self) {
        match &self.inner.pools {
            Pools::Postgres { readers, writers } => {
                let apart = {
                    let common = &self.inner.common;
                    mem::take(&mut *common.apart.lock().expect("nothing panics under it"))
                };
                let all = apart.iter().chain([readers, writers]);
                join_all(all.map(Lender::close)).await;
            }
            Pools::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
        }
    }
}

/// How Postgres plans. SeaORM binds the `LIMIT`, and then no generic plan is kept of itself. What
/// is asked for has an index, and a page that it leads to costs about as much as the next one: the
/// default of 4 is a turning disk's, with which the sessions of a few callers are sought by reading
/// all there are.
const PLANNING: [(&str, &str); 2] = [
    ("plan_cache_mode", "force_generic_plan"),
    ("random_page_cost", "1.1"),
];

/// Unpredictable even where a test decides the randomness: two processes must never be one.
fn process_id() -> Uuid {
    let mut bytes = [0; 16];
    SystemEntropy.fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

impl Pools {
    async fn open(options: &DatabaseOptions) -> Result<Self, DbError> {
        if options.url.starts_with("sqlite:") {
            Self::open_sqlite(options).await
        } else {
            Self::open_postgres(options).await
        }
        .map_err(DbError::Unavailable)
    }

    async fn open_postgres(options: &DatabaseOptions) -> Result<Self, sea_orm::DbErr> {
        let connect = options
            .url
            .parse::<PgConnectOptions>()
            .map_err(failed)?
            .application_name("tenantry")
            .options(PLANNING);
        let lender = |only_reads| {
            let connect = connect
                .clone()
                .options([("default_transaction_read_only", only_reads)]);
            Lender::new(connect, options.connections, options.acquire_timeout)
        };
        let (readers, writers) = (lender("on"), lender("off"));
        // Whether it can be reached is to be known now.
        readers.lend().await?;
        Ok(Self::Postgres { readers, writers })
    }

    async fn open_sqlite(options: &DatabaseOptions) -> Result<Self, sea_orm::DbErr> {
        let connect = options
            .url
            .parse::<SqliteConnectOptions>()
            .map_err(failed)?
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            // As on Postgres; what is to be found in any case is stored without it.
            .pragma("case_sensitive_like", "ON")
            .busy_timeout(options.acquire_timeout);
        let pool = |connections| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(options.acquire_timeout)
                // A file does not hang up.
                .test_before_acquire(false)
        };
        let writer = pool(1)
            .connect_with(connect.clone())
            .await
            .map_err(failed)?;
        let readers = pool(options.connections)
            .connect_with(connect.pragma("query_only", "ON"))
            .await
            .map_err(failed)?;
        Ok(Self::Sqlite { writer, readers })
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Database").field(&self.backend()).finish()
    }
}
