//! Connections to Postgres, lent for a statement or for a transaction.
//!
//! Whoever is done hands his connection to the next at once. The pool of sqlx asks each one that
//! comes back whether it is alive, in a task of its own: as much work, for both processes, as a
//! small statement.

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

use super::{PoolStats, connection::failed, stall_detector::Line};

/// How long a connection may be idle and still be used unasked: whether it is alive costs a round
/// trip, and a busy one is known to be.
const TRUSTED: Duration = Duration::from_secs(1);

/// After so long idle, or in use, a connection is made anew.
const IDLE: Duration = Duration::from_secs(10 * 60);
const LIFETIME: Duration = Duration::from_secs(30 * 60);

/// Lends connections. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Lender {
    pool: Pool<Maker>,
    line: Arc<Line>,
    /// How long somebody waits at most.
    patience: Duration,
}

struct Maker(PgConnectOptions);

/// A connection that nobody uses.
struct Kept {
    connection: PgConnection,
    since: Instant,
}

impl Manager for Maker {
    type Type = Kept;
    type Error = Error;

    async fn create(&self) -> Result<Kept, Error> {
        let connection = self.0.connect().await?;
        Ok(Kept {
            connection,
            since: Instant::now(),
        })
    }

    async fn recycle(&self, kept: &mut Kept, about: &Metrics) -> RecycleResult<Error> {
        let idle = kept.since.elapsed();
        if idle > IDLE || about.created.elapsed() > LIFETIME {
            return Err(RecycleError::message("it is old"));
        }
        if idle > TRUSTED {
            kept.connection.ping().await?;
        }
        Ok(())
    }
}

impl Lender {
    pub(super) fn new(connect: PgConnectOptions, most: u32, patience: Duration) -> Self {
        Self::of(connect, most as usize, patience, Arc::new(Line::new()))
    }

    fn of(connect: PgConnectOptions, most: usize, patience: Duration, line: Arc<Line>) -> Self {
        let pool = Pool::builder(Maker(connect)).max_size(most);
        // The connection that was used last is the one that is known to be alive.
        let pool = pool.queue_mode(QueueMode::Lifo).build();
        Self {
            pool: pool.expect("no timeout, and so no runtime is needed"),
            line,
            patience,
        }
    }

    /// One that lends as many others.
    pub(super) fn apart(&self) -> Self {
        let (connect, most) = (self.connect_options().clone(), self.pool.status().max_size);
        Self::of(connect, most, self.patience, Arc::clone(&self.line))
    }

    pub(super) fn connect_options(&self) -> &PgConnectOptions {
        &self.pool.manager().0
    }

    pub(super) fn pool_stats(&self) -> PoolStats {
        let status = self.pool.status();
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        PoolStats {
            used: number(status.size - status.available),
            idle: number(status.available),
            max: number(status.max_size),
        }
    }

    /// Lends a connection once one is free.
    pub(super) async fn lend(&self) -> Result<Lent, DbErr> {
        let asked = Instant::now();
        let timed_out = || failed(Error::PoolTimedOut);
        let waited = self.line.wait(self.pool.get(), self.patience).await;
        let held = waited.ok_or_else(timed_out)?.map_err(|error| match error {
            PoolError::Backend(error) => DbErr::Conn(RuntimeErr::SqlxError(error.into())),
            PoolError::Closed => failed(Error::PoolClosed),
            _ => timed_out(),
        })?;
        histogram!("db_client_connection_wait_time_seconds").record(asked.elapsed());
        Ok(Lent {
            held: Some(held),
            state: State::Answered,
            line: Arc::clone(&self.line),
        })
    }

    /// Lends a connection in a transaction that begins so.
    pub(super) async fn begin(&self, beginning: String) -> Result<Lent, DbErr> {
        let mut lent = self.lend().await?;
        lent.begin(beginning).await.map_err(failed)?;
        Ok(lent)
    }

    /// Closes what is idle now, and what is lent when it comes back.
    pub(super) async fn close(&self) {
        let idle = self.pool.retain(|_, _| false).removed;
        self.pool.close();
        join_all(idle.into_iter().map(|kept| kept.connection.close())).await;
    }
}

/// A lent connection. Dropped without [`commit`](Self::commit), it undoes its transaction.
pub(crate) struct Lent {
    held: Option<Object<Maker>>,
    state: State,
    line: Arc<Line>,
}

/// What is known of a connection.
#[derive(Clone, Copy)]
enum State {
    /// Everything was answered.
    Answered,
    /// Something was asked, and the answer was not heard to its end, or was a failure.
    Asked,
    /// The beginning of a transaction was asked for, and not answered. sqlx counts a transaction
    /// once it was: a caller who hangs up before would leave it open, in his organization's
    /// name, on a connection that others get.
    Beginning,
}

impl Lent {
    /// Begins a transaction with a statement of ours.
    pub(super) async fn begin(&mut self, statement: String) -> Result<(), Error> {
        self.state = State::Beginning;
        let statement = AssertSqlSafe(statement).into_sql_str();
        PgTransactionManager::begin(&mut self.held().connection, Some(statement)).await?;
        self.answered();
        Ok(())
    }

    /// Ends the transaction and keeps what it wrote.
    pub(super) async fn commit(mut self) -> Result<(), Error> {
        PgTransactionManager::commit(self.ask()).await?;
        self.answered();
        Ok(())
    }

    /// The connection, to ask something; what is asked is [`answered`](Self::answered) next.
    pub(super) fn ask(&mut self) -> &mut PgConnection {
        self.state = State::Asked;
        &mut self.held().connection
    }

    /// The last question was answered to its end, and not by a failure.
    pub(super) const fn answered(&mut self) {
        self.state = State::Answered;
    }

    fn held(&mut self) -> &mut Kept {
        self.held.as_mut().expect("it is held until it is dropped")
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(mut held) = self.held.take() else {
            return;
        };
        let kept = &mut *held;
        kept.since = Instant::now();
        // Nothing is left to undo after a commit, or after a single statement.
        PgTransactionManager::start_rollback(&mut kept.connection);
        match self.state {
            State::Beginning => drop(Object::take(held)),
            // Sent, and its answer is read by whoever is next. It almost always can be sent.
            State::Answered if kept.connection.should_flush() => {
                let undone = kept.connection.flush().now_or_never();
                match undone {
                    Some(Err(_)) => drop(Object::take(held)),
                    None if held.connection.should_flush() => recover(held),
                    _ => drop(held),
                }
            }
            State::Answered => drop(held),
            State::Asked => recover(held),
        }
        self.line.moved();
    }
}

/// Hears a connection's answers to their end, before anybody else waits for them.
fn recover(mut held: Object<Maker>) {
    tokio::spawn(async move {
        if held.connection.ping().await.is_err() {
            drop(Object::take(held));
        }
    });
}
