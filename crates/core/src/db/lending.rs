//! Connections to Postgres, handed from whoever is done with one to whoever waits for one.
//!
//! The pool of sqlx asks each connection that comes back whether it is alive, and undoes what was
//! left open with it: a round trip that under load somebody waits for already. Here the first in
//! line gets the connection at once, and what is to be undone goes out with his first statement.

use std::{
    collections::VecDeque,
    pin::pin,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use futures_util::FutureExt as _;
use sea_orm::sqlx::{
    AssertSqlSafe, Error, PgConnection, PgPool, Postgres, SqlSafeStr as _, pool::PoolConnection,
    postgres::PgTransactionManager,
};
use sqlx_core::transaction::TransactionManager as _;
use tokio::sync::oneshot;

/// How long a connection goes from hand to hand before the pool sees it again, which ends old
/// ones and serves those who wait there alone.
const TENURE: Duration = Duration::from_secs(1);

/// Lends the connections of one pool.
#[derive(Clone)]
pub(super) struct Lender {
    shared: Arc<Shared>,
}

struct Shared {
    pool: PgPool,
    /// Those who wait, the first of them first. Some may have gone.
    line: Mutex<VecDeque<oneshot::Sender<Lent>>>,
}

/// A connection on loan. It goes back when it is dropped, and what it left open is undone.
pub(super) struct Lent {
    /// Nothing once it was given back.
    connection: Option<PoolConnection<Postgres>>,
    /// When the pool gave it.
    since: Instant,
    state: State,
    shared: Arc<Shared>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Whatever was asked was answered.
    Settled,
    /// A statement failed, or nobody waited for its answer.
    Unsettled,
    /// Nobody waited for the beginning of a transaction, of which sqlx then knows nothing.
    Begun,
}

impl Lender {
    pub(super) fn new(pool: PgPool) -> Self {
        let line = Mutex::default();
        let shared = Arc::new(Shared { pool, line });
        Self { shared }
    }

    pub(super) fn pool(&self) -> &PgPool {
        &self.shared.pool
    }

    /// A connection, once one is free.
    pub(super) async fn lend(&self) -> Result<Lent, Error> {
        let mut asked = pin!(self.pool().acquire());
        let acquired = match asked.as_mut().now_or_never() {
            Some(acquired) => acquired,
            None => {
                let (hand, handed) = oneshot::channel();
                self.shared.line().push_back(hand);
                tokio::select! {
                    biased;
                    Ok(lent) = handed => return Ok(lent),
                    acquired = asked => acquired,
                }
            }
        };
        Ok(Lent {
            connection: Some(acquired?),
            since: Instant::now(),
            state: State::Settled,
            shared: Arc::clone(&self.shared),
        })
    }
}

impl Shared {
    fn line(&self) -> std::sync::MutexGuard<'_, VecDeque<oneshot::Sender<Lent>>> {
        self.line.lock().expect("nothing panics under it")
    }

    fn first(&self) -> Option<oneshot::Sender<Lent>> {
        self.line().pop_front()
    }
}

impl Lent {
    /// The connection, for one statement, of which [`answered`](Self::answered) is to be told.
    pub(super) fn ask(&mut self) -> &mut PgConnection {
        self.state = State::Unsettled;
        self.connection()
    }

    /// Says that the last statement was answered, and well.
    pub(super) const fn answered(&mut self) {
        self.state = State::Settled;
    }

    /// Begins a transaction with a statement of ours.
    pub(super) async fn begin(&mut self, statement: String) -> Result<(), Error> {
        self.state = State::Begun;
        let statement = AssertSqlSafe(statement).into_sql_str();
        PgTransactionManager::begin(self.connection(), Some(statement)).await?;
        self.answered();
        Ok(())
    }

    /// Ends the transaction and keeps what it wrote.
    pub(super) async fn commit(mut self) -> Result<(), Error> {
        PgTransactionManager::commit(self.ask()).await?;
        self.answered();
        Ok(())
    }

    fn connection(&mut self) -> &mut PgConnection {
        self.connection.as_mut().expect("it is on loan")
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        if self.state == State::Begun {
            connection.close_on_drop();
            return;
        }
        PgTransactionManager::start_rollback(&mut connection);
        // The pool looks at a connection on which something went wrong, and ends it perhaps.
        let is_old = self.since.elapsed() > TENURE;
        if self.state == State::Unsettled || is_old || self.shared.pool.is_closed() {
            return;
        }
        let mut lent = Self {
            connection: Some(connection),
            since: self.since,
            state: State::Settled,
            shared: Arc::clone(&self.shared),
        };
        while let Some(first) = self.shared.first() {
            match first.send(lent) {
                Ok(()) => return,
                Err(gone) => lent = gone,
            }
        }
        drop(lent.connection.take());
    }
}
