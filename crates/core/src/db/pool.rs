//! The connection pool for Postgres.
//!
//! A returned connection goes straight to the next waiter. The pool of sqlx pings every returned
//! connection in a separate task, which costs both processes as much as a small statement.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use deadpool::managed::{
    Manager, Metrics, Object, Pool, PoolError, QueueMode, RecycleError, RecycleResult,
};
use futures_util::{FutureExt as _, future::join_all};
use metrics::histogram;
use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{
        AssertSqlSafe, ConnectOptions as _, Connection as _, Error, PgConnection, SqlSafeStr as _,
        postgres::{PgConnectOptions, PgTransactionManager},
    },
};
use sqlx_core::transaction::TransactionManager as _;
use tokio::time::timeout;

use super::{
    PoolStats,
    error::{map_sqlx_error, share_in_use},
    shares::{Share, Shares},
    stall_detector::StallDetector,
};
use crate::id::Uuid;

/// A connection idle for less than this is reused without a ping.
const SKIP_PING_WITHIN: Duration = Duration::from_secs(1);

/// A connection that is older, or was idle for longer, is replaced.
const MAX_IDLE: Duration = Duration::from_secs(10 * 60);
const MAX_LIFETIME: Duration = Duration::from_secs(30 * 60);

/// How long the reply to an abandoned statement may take. After that the connection is closed, so
/// that its place in the pool is free; Postgres then ends the statement.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(100);

/// A pool of connections. Cheap to clone.
#[derive(Clone)]
pub(crate) struct ConnectionPool {
    pool: Pool<ConnectionManager>,
    shares: Arc<Shares>,
    stalls: Arc<StallDetector>,
    acquire_timeout: Duration,
}

struct ConnectionManager(PgConnectOptions);

struct IdleConnection {
    connection: PgConnection,
    since: Instant,
}

impl Manager for ConnectionManager {
    type Type = IdleConnection;
    type Error = Error;

    async fn create(&self) -> Result<IdleConnection, Error> {
        let connection = self.0.connect().await?;
        Ok(IdleConnection {
            connection,
            since: Instant::now(),
        })
    }

    async fn recycle(&self, idle: &mut IdleConnection, metrics: &Metrics) -> RecycleResult<Error> {
        let idle_for = idle.since.elapsed();
        if idle_for > MAX_IDLE || metrics.created.elapsed() > MAX_LIFETIME {
            return Err(RecycleError::message("the connection is too old"));
        }
        if idle_for > SKIP_PING_WITHIN {
            idle.connection.ping().await?;
        }
        Ok(())
    }
}

impl ConnectionPool {
    /// A pool, of whose connections one holder takes at most its share.
    pub(super) fn new(
        connect: PgConnectOptions,
        max_size: u32,
        share: u32,
        acquire_timeout: Duration,
    ) -> Self {
        let stalls = Arc::new(StallDetector::new());
        let sizes = (max_size as usize, share as usize);
        Self::build(connect, sizes, acquire_timeout, stalls)
    }

    fn build(
        connect: PgConnectOptions,
        (max_size, share): (usize, usize),
        acquire_timeout: Duration,
        stalls: Arc<StallDetector>,
    ) -> Self {
        let pool = Pool::builder(ConnectionManager(connect)).max_size(max_size);
        // The most recently used connection is the least likely to need a ping.
        let pool = pool.queue_mode(QueueMode::Lifo).build();
        Self {
            pool: pool.expect("without a timeout no runtime is needed"),
            shares: Shares::new(share),
            stalls,
            acquire_timeout,
        }
    }

    /// A pool of the same size and options, with its own connections.
    pub(super) fn for_worker(&self) -> Self {
        let connect = self.connect_options().clone();
        let sizes = (self.pool.status().max_size, self.shares.max());
        Self::build(
            connect,
            sizes,
            self.acquire_timeout,
            Arc::clone(&self.stalls),
        )
    }

    pub(super) fn connect_options(&self) -> &PgConnectOptions {
        &self.pool.manager().0
    }

    pub(super) fn stats(&self) -> PoolStats {
        let status = self.pool.status();
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        PoolStats {
            used: number(status.size - status.available),
            idle: number(status.available),
            max: number(status.max_size),
        }
    }

    /// Waits for a free connection, while others get one. A holder gets one of its share.
    pub(super) async fn acquire(&self, holder: Option<Uuid>) -> Result<PooledConnection, DbErr> {
        let start = Instant::now();
        let share = match holder {
            Some(holder) => Some(self.share(holder).await?),
            None => None,
        };
        let acquired = self
            .stalls
            .wait_while_progressing(self.pool.get(), self.acquire_timeout)
            .await;
        self.acquired(acquired, start, share)
    }

    async fn share(&self, holder: Uuid) -> Result<Share, DbErr> {
        let share = self.shares.acquire(holder, self.acquire_timeout).await;
        share.ok_or_else(share_in_use)
    }

    /// Opens the first connection. No other caller shows that the database responds, so the whole
    /// timeout applies.
    pub(super) async fn connect(&self) -> Result<PooledConnection, DbErr> {
        let start = Instant::now();
        let acquired = timeout(self.acquire_timeout, self.pool.get()).await;
        self.acquired(acquired.ok(), start, None)
    }

    fn acquired(
        &self,
        acquired: Option<Result<Object<ConnectionManager>, PoolError<Error>>>,
        start: Instant,
        share: Option<Share>,
    ) -> Result<PooledConnection, DbErr> {
        let timed_out = || map_sqlx_error(Error::PoolTimedOut);
        let acquired = acquired
            .ok_or_else(timed_out)?
            .map_err(|error| match error {
                PoolError::Backend(error) => DbErr::Conn(RuntimeErr::SqlxError(error.into())),
                PoolError::Closed => map_sqlx_error(Error::PoolClosed),
                _ => timed_out(),
            })?;
        histogram!("db_client_connection_wait_time_seconds").record(start.elapsed());
        Ok(PooledConnection {
            connection: Some(acquired),
            state: State::Ready,
            share,
            stalls: Arc::clone(&self.stalls),
        })
    }

    /// Acquires a connection and starts a transaction on it with this statement.
    pub(super) async fn begin(
        &self,
        statement: String,
        holder: Option<Uuid>,
    ) -> Result<PooledConnection, DbErr> {
        let mut connection = self.acquire(holder).await?;
        connection.begin(statement).await.map_err(map_sqlx_error)?;
        Ok(connection)
    }

    /// Closes idle connections now, and the others when they are returned.
    pub(super) async fn close(&self) {
        let idle = self.pool.retain(|_, _| false).removed;
        self.pool.close();
        join_all(idle.into_iter().map(|idle| idle.connection.close())).await;
    }
}

/// A connection out of the pool. Dropped without [`commit`](Self::commit), it rolls back.
pub(crate) struct PooledConnection {
    connection: Option<Object<ConnectionManager>>,
    state: State,
    /// Returned after the connection.
    share: Option<Share>,
    stalls: Arc<StallDetector>,
}

#[derive(Clone, Copy)]
enum State {
    /// Every reply was read.
    Ready,
    /// A query was sent; its reply is unread, incomplete or an error.
    InFlight,
    /// `BEGIN` was sent but its reply has not been read, so sqlx does not count the transaction
    /// yet. If the future is dropped now, the transaction would stay open under this tenant; the
    /// connection must be closed, not reused.
    StartingTransaction,
    /// A write was refused, because transactions were read-only by default when the connection was
    /// opened. The default may have changed: all connections of that time are replaced.
    ReadOnly,
}

/// `read_only_sql_transaction`.
const READ_ONLY: &str = "25006";

impl PooledConnection {
    /// Starts a transaction with a statement of ours.
    pub(super) async fn begin(&mut self, statement: String) -> Result<(), Error> {
        self.state = State::StartingTransaction;
        let statement = AssertSqlSafe(statement).into_sql_str();
        PgTransactionManager::begin(self.connection(), Some(statement)).await?;
        self.mark_ready();
        Ok(())
    }

    pub(super) async fn commit(mut self) -> Result<(), Error> {
        PgTransactionManager::commit(self.start_query()).await?;
        self.mark_ready();
        Ok(())
    }

    /// The connection, for one query; call [`mark_ready`](Self::mark_ready) once its reply was
    /// read without an error.
    pub(super) fn start_query(&mut self) -> &mut PgConnection {
        if !matches!(self.state, State::ReadOnly) {
            self.state = State::InFlight;
        }
        self.connection()
    }

    pub(super) const fn mark_ready(&mut self) {
        self.state = State::Ready;
    }

    pub(super) fn mark_failed(&mut self, error: &Error) {
        let code = error.as_database_error().and_then(|error| error.code());
        if code.as_deref() == Some(READ_ONLY) {
            self.state = State::ReadOnly;
        }
    }

    fn connection(&mut self) -> &mut PgConnection {
        let pooled = self.connection.as_mut();
        &mut pooled.expect("present until it is dropped").connection
    }
}

impl Drop for PooledConnection {
    fn drop(&mut self) {
        let Some(mut pooled) = self.connection.take() else {
            return;
        };
        let idle = &mut *pooled;
        idle.since = Instant::now();
        // After a commit or a single statement there is no transaction, and nothing is queued.
        PgTransactionManager::start_rollback(&mut idle.connection);
        match self.state {
            State::StartingTransaction => drop(Object::take(pooled)),
            State::ReadOnly => {
                if let Some(pool) = Object::pool(&pooled) {
                    drop(pool.retain(|_, _| false));
                }
                drop(Object::take(pooled));
            }
            // The `ROLLBACK` is sent here, which almost never blocks; the next user of the
            // connection reads its reply.
            State::Ready if idle.connection.should_flush() => {
                let flushed = idle.connection.flush().now_or_never();
                match flushed {
                    Some(Err(_)) => drop(Object::take(pooled)),
                    None if pooled.connection.should_flush() => {
                        drain_in_background(pooled, self.share.take());
                    }
                    _ => drop(pooled),
                }
            }
            State::Ready => drop(pooled),
            State::InFlight => drain_in_background(pooled, self.share.take()),
        }
        self.stalls.record_progress();
    }
}

/// Reads the outstanding replies before the connection is reused, and closes it if they are late.
fn drain_in_background(mut pooled: Object<ConnectionManager>, share: Option<Share>) {
    tokio::spawn(async move {
        let drained = timeout(DRAIN_TIMEOUT, pooled.connection.ping()).await;
        match drained {
            Ok(Ok(())) => drop(pooled),
            Ok(Err(_)) | Err(_) => drop(Object::take(pooled)),
        }
        drop(share);
    });
}
