//! The handle to the database, and the two roles that it has for the outbox: the queue of
//! deliveries, and the publisher that is called after a commit.

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, RwLock},
    time::Duration,
};

use async_trait::async_trait;
use futures_util::future::join_all;
use sea_orm::sqlx::postgres::PgConnectOptions;

use super::{
    Backend, CursorKey, DatabaseOptions, DbError, GlobalRows, PoolStats, Rows, TenantRows,
    connection::Connection,
    pools::Pools,
    scope::{Global, Tenant},
};
use crate::{
    access::{ContextIssuer, Grant},
    clock::Timestamp,
    event::Envelope,
    id::{OrganizationId, Uuid},
    outbox::Subscription,
    runtime::{Entropy as _, Runtime, SystemEntropy},
};

/// What opening a database returns: the database, and the two capabilities that exist once.
pub struct OpenDatabase {
    /// The database.
    pub database: Database,
    /// Issues callers and contexts; for the module that resolves contexts.
    pub issuer: ContextIssuer,
    /// The queue of deliveries; for the dispatcher.
    pub queue: DeliveryQueue,
}

/// The database. Cheap to clone; gives access to rows in a scope and never to a connection.
#[derive(Clone)]
pub struct Database {
    inner: Arc<Inner>,
}

struct Inner {
    pools: Pools,
    shared: Arc<Shared>,
}

/// What all handles to one database share.
struct Shared {
    runtime: Runtime,
    publisher: Arc<dyn Publisher>,
    cursor_key: CursorKey,
    process_id: Uuid,
    /// Whether the only foreign key of a table is the one to its organization, by table.
    tenant_fk_only_cache: RwLock<HashMap<String, bool>>,
    /// How long a commit may take, with all statements that it still sends.
    commit_timeout: Option<Duration>,
    /// The pools of all workers, which are closed with the first handle.
    worker_pools: Mutex<Vec<Pools>>,
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
        // Postgres ends its statements itself; a server that is gone answers nothing.
        let longest = 2 * options.waits.statement + options.acquire_timeout;
        let commit_timeout = (pools.backend() == Backend::Postgres).then_some(longest);
        let shared = Arc::new(Shared {
            runtime,
            publisher,
            cursor_key: options.cursor_key,
            process_id: process_id(),
            commit_timeout,
            tenant_fk_only_cache: RwLock::default(),
            worker_pools: Mutex::default(),
        });
        let database = Self::of(pools, shared);
        Ok(OpenDatabase {
            queue: DeliveryQueue::new(database.clone()),
            database,
            issuer: ContextIssuer::new(),
        })
    }

    fn of(pools: Pools, shared: Arc<Shared>) -> Self {
        let inner = Arc::new(Inner { pools, shared });
        Self { inner }
    }

    /// A handle with its own connections to Postgres, opened on demand, for one worker thread of a
    /// server: replies then wake no other thread. On SQLite all handles share one writer and its
    /// readers.
    ///
    /// # Panics
    /// Outside of a tokio runtime, which the connections belong to.
    #[must_use]
    pub fn for_worker(&self) -> Self {
        let shared = Arc::clone(&self.inner.shared);
        let pools = self.inner.pools.for_worker();
        if pools.backend() == Backend::Postgres {
            let mut worker_pools = shared.worker_pools.lock().expect("nothing panics under it");
            worker_pools.push(pools.clone());
        }
        Self::of(pools, shared)
    }

    /// Which database this is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.inner.pools.backend()
    }

    /// The clock and the randomness that everything on this database uses.
    #[must_use]
    pub fn runtime(&self) -> &Runtime {
        &self.inner.shared.runtime
    }

    /// The rows of the grant's organization, to read. Each statement runs by itself, without a
    /// transaction.
    #[must_use]
    pub fn read<P>(&self, grant: &Grant<P>) -> TenantRows<'static> {
        let organization = grant.organization();
        let connection = self.read_connection(Some(organization));
        Rows::owning(connection, Tenant(organization), self.cursor_key())
    }

    /// The rows of tables that belong to no organization, to read.
    #[must_use]
    pub fn read_global(&self) -> GlobalRows<'static> {
        Rows::owning(self.read_connection(None), Global, self.cursor_key())
    }

    /// Reads without a transaction, each statement scoped to the tenant if there is one.
    pub(crate) fn read_connection(&self, tenant: Option<OrganizationId>) -> Connection {
        self.inner.pools.read_connection(tenant)
    }

    /// Writes with one statement, which sets its tenant itself. `None` on SQLite, where fewer
    /// statements save nothing.
    pub(crate) fn single_statement_connection(&self, holder: Option<Uuid>) -> Option<Connection> {
        self.inner.pools.single_statement_connection(holder)
    }

    /// Starts a transaction that may write, for a tenant if there is one, with a connection of the
    /// holder's share.
    pub(crate) async fn transaction(
        &self,
        tenant: Option<OrganizationId>,
        holder: Option<Uuid>,
    ) -> Result<Connection, DbError> {
        self.inner.pools.begin(tenant, holder).await
    }

    /// Whether the table's only foreign key is the one to its organization, if that is known yet.
    pub(crate) fn has_only_tenant_fk(&self, table: &str) -> Option<bool> {
        let cache = self.inner.shared.tenant_fk_only_cache.read();
        cache.expect("nothing panics under it").get(table).copied()
    }

    pub(crate) fn remember_fk_shape(&self, table: &str, has_only_tenant_fk: bool) {
        let cache = self.inner.shared.tenant_fk_only_cache.write();
        let mut cache = cache.expect("nothing panics under it");
        cache.insert(table.to_owned(), has_only_tenant_fk);
    }

    pub(crate) fn publisher(&self) -> Arc<dyn Publisher> {
        Arc::clone(&self.inner.shared.publisher)
    }

    pub(crate) fn commit_timeout(&self) -> Option<Duration> {
        self.inner.shared.commit_timeout
    }

    pub(crate) fn cursor_key(&self) -> CursorKey {
        self.inner.shared.cursor_key.clone()
    }

    /// Identifies this process as the holder of leases; new each time the database is opened.
    pub(crate) fn process_id(&self) -> Uuid {
        self.inner.shared.process_id
    }

    /// How to connect to Postgres; `None` on SQLite.
    pub(crate) fn connect_options(&self) -> Option<&PgConnectOptions> {
        self.inner.pools.connect_options()
    }

    /// The connections of this handle and of all workers.
    ///
    /// # Panics
    /// Never: nothing panics under the lock that it takes.
    #[must_use]
    pub fn pool_stats(&self) -> PoolStats {
        let worker_pools = self.inner.shared.worker_pools.lock();
        let worker_pools = worker_pools.expect("nothing panics under it");
        let pools = worker_pools.iter().chain([&self.inner.pools]);
        pools.fold(PoolStats::default(), |sum, pools| sum.and(pools.stats()))
    }

    /// Closes every connection of this handle and of all workers.
    ///
    /// # Panics
    /// Never: nothing panics under the lock that it takes.
    pub async fn close(&self) {
        let worker_pools = {
            let mut pools = self.inner.shared.worker_pools.lock();
            let pools = pools.as_mut().expect("nothing panics under it");
            mem::take(&mut **pools)
        };
        let pools = worker_pools.iter().chain([&self.inner.pools]);
        join_all(pools.map(Pools::close)).await;
    }
}

/// Unpredictable even where a test controls the randomness: two processes must never share an id.
fn process_id() -> Uuid {
    let mut bytes = [0; 16];
    SystemEntropy.fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Database").field(&self.backend()).finish()
    }
}

/// The queue of pending deliveries, of events to listeners and of jobs to handlers.
///
/// The queue spans organizations, but holds only names and numbers. An event is read, and a
/// listener writes, in a transaction of the event's own organization.
///
/// [`Database::open`] returns it once, for the bus and the dispatcher; no module can get one.
#[derive(Clone, Debug)]
pub struct DeliveryQueue {
    database: Database,
}

impl DeliveryQueue {
    /// How long a process holds a claimed delivery. Longer than the timeout of an attempt, or
    /// attempts would often run twice.
    pub const LEASE: Duration = Duration::from_secs(10);

    pub(crate) const fn new(database: Database) -> Self {
        Self { database }
    }

    pub(crate) const fn database(&self) -> &Database {
        &self.database
    }

    /// A failpoint of the database's runtime.
    pub async fn failpoint(&self, name: &'static str) {
        self.database.runtime().failpoint(name).await;
    }

    /// The time of the queue's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.database.runtime().now()
    }
}

/// Knows the listeners, and calls them once events are committed.
#[async_trait]
pub trait Publisher: Send + Sync + 'static {
    /// The listeners of events of this name. Each of them gets the event: the transaction that
    /// records it also inserts a delivery for the listener.
    fn subscriptions(&self, event: &str) -> Vec<Subscription>;

    /// Called right after the commit. A delivery that fails here, or is not attempted, stays in the
    /// queue.
    async fn publish(&self, queue: &DeliveryQueue, events: Vec<Envelope>);

    /// Called right after a commit with the names of the jobs that are due with it.
    async fn enqueued(&self, _queue: &DeliveryQueue, _jobs: Vec<&'static str>) {}
}
