//! Our own executor under SeaORM.
//!
//! SeaORM's transaction sends `BEGIN` and every setting on its own; this one sends them in one
//! round trip, and it is private to this module, so that no statement runs outside a scope.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement,
    sqlx::{self, AssertSqlSafe, PgPool, Postgres, Sqlite, SqlitePool, Transaction, query::Query},
};
use sea_query_sqlx::SqlxValues;
use tokio::sync::Mutex;

use super::{DbError, lending::Lent, line::Line};

/// Where statements run, and whether one of them failed.
pub(super) struct Connection {
    executor: Executor,
    failed: AtomicBool,
}

/// A pool for single reads, a transaction for everything else.
pub(super) enum Executor {
    PostgresPool(PgPool, Arc<Line>),
    Postgres(Mutex<Lent>),
    SqlitePool(SqlitePool),
    Sqlite(Mutex<Transaction<'static, Sqlite>>),
}

impl Connection {
    pub(super) const fn new(executor: Executor) -> Self {
        Self {
            executor,
            failed: AtomicBool::new(false),
        }
    }

    /// Ends the transaction and keeps what it wrote; a pool has nothing to end.
    ///
    /// Once a statement failed there is nothing to keep: SQLite would commit the rest of a unit
    /// of work, and Postgres would answer that all is well and undo everything.
    pub(super) async fn commit(self) -> Result<(), DbError> {
        if self.failed.into_inner() {
            return Err(DbError::Undone);
        }
        let committed = match self.executor {
            Executor::Postgres(lent) => lent.into_inner().commit().await,
            Executor::Sqlite(transaction) => transaction.into_inner().commit().await,
            Executor::PostgresPool(..) | Executor::SqlitePool(_) => Ok(()),
        };
        Ok(committed.map_err(failed)?)
    }

    /// Remembers a failure.
    fn heard<T>(&self, outcome: Result<T, sqlx::Error>) -> Result<T, DbErr> {
        outcome.map_err(|error| {
            self.failed.store(true, Ordering::Relaxed);
            failed(error)
        })
    }

    /// Runs SQL of our own making, and answers with its rows.
    #[expect(
        clippy::disallowed_methods,
        reason = "the log of events and its queue, which span organizations"
    )]
    pub(super) async fn ask(
        &self,
        sql: String,
        values: impl IntoIterator<Item = sea_orm::Value>,
    ) -> Result<Vec<QueryResult>, DbErr> {
        let backend = self.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, values);
        self.query_all_raw(statement).await
    }

    /// Whether a statement failed, and the transaction can't be kept.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// Runs SQL of our own making that binds nothing, such as a setting.
    #[expect(
        clippy::disallowed_methods,
        reason = "settings of a transaction; the one caller writes no rows with it"
    )]
    pub(super) async fn run(&self, sql: String) -> Result<(), DbErr> {
        self.execute_unprepared(&sql).await.map(drop)
    }
}

pub(super) fn failed(error: sqlx::Error) -> DbErr {
    match error {
        sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::Timeout),
        sqlx::Error::PoolClosed => {
            DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::ConnectionClosed)
        }
        other => DbErr::Query(RuntimeErr::SqlxError(other.into())),
    }
}

fn bound<DB>(statement: Statement) -> Query<'static, DB, SqlxValues>
where
    DB: sqlx::Database,
    SqlxValues: sqlx::IntoArguments<DB>,
{
    let values = statement.values.unwrap_or(sea_orm::Values(Vec::new()));
    // The text comes from SeaORM's builder, which binds every value.
    sqlx::query_with(AssertSqlSafe(statement.sql), SqlxValues(values))
}

/// Runs one call of sqlx on whichever executor this is.
macro_rules! on_executor {
    ($connection:expr, $statement:expr, |$query:ident, $executor:ident| $call:expr) => {
        match &$connection.executor {
            Executor::PostgresPool(pool, line) => match line.acquire(pool).await {
                Ok(mut connection) => {
                    let ($query, $executor) = (bound::<Postgres>($statement), &mut *connection);
                    $call.map(Into::into)
                }
                Err(error) => Err(error),
            },
            Executor::SqlitePool(pool) => {
                let ($query, $executor) = (bound::<Sqlite>($statement), pool);
                $call.map(Into::into)
            }
            Executor::Postgres(lent) => {
                let mut lent = lent.lock().await;
                let ($query, $executor) = (bound::<Postgres>($statement), lent.connection());
                $call.map(Into::into)
            }
            Executor::Sqlite(transaction) => {
                let mut transaction = transaction.lock().await;
                let ($query, $executor) = (bound::<Sqlite>($statement), &mut **transaction);
                $call.map(Into::into)
            }
        }
    };
}

/// As [`on_executor`], for calls that answer with many rows.
fn results<R: Into<QueryResult>>(rows: Vec<R>) -> Vec<QueryResult> {
    rows.into_iter().map(Into::into).collect()
}

#[async_trait::async_trait]
impl ConnectionTrait for Connection {
    fn get_database_backend(&self) -> DbBackend {
        match self.executor {
            Executor::PostgresPool(..) | Executor::Postgres(_) => DbBackend::Postgres,
            Executor::SqlitePool(_) | Executor::Sqlite(_) => DbBackend::Sqlite,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.heard(on_executor!(self, statement, |query, executor| query
            .execute(executor)
            .await))
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let sql = sql.to_owned();
        let outcome = match &self.executor {
            Executor::PostgresPool(pool, line) => match line.acquire(pool).await {
                Ok(mut connection) => {
                    let run = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection);
                    run.await.map(Into::into)
                }
                Err(error) => Err(error),
            },
            Executor::SqlitePool(pool) => sqlx::raw_sql(AssertSqlSafe(sql))
                .execute(pool)
                .await
                .map(Into::into),
            Executor::Postgres(lent) => {
                let mut lent = lent.lock().await;
                let run = sqlx::raw_sql(AssertSqlSafe(sql)).execute(lent.connection());
                run.await.map(Into::into)
            }
            Executor::Sqlite(transaction) => {
                let mut transaction = transaction.lock().await;
                let run = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **transaction);
                run.await.map(Into::into)
            }
        };
        self.heard(outcome)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.heard(on_executor!(self, statement, |query, executor| query
            .fetch_optional(executor)
            .await
            .map(|row| row.map(QueryResult::from))))
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.heard(on_executor!(self, statement, |query, executor| query
            .fetch_all(executor)
            .await
            .map(results)))
    }
}
