//! Our own executor under SeaORM.
//!
//! SeaORM's transaction sends `BEGIN` and every setting on its own; this one sends them in one
//! round trip, and it is private to this module, so that no statement runs outside a scope.

use std::sync::atomic::{AtomicBool, Ordering};

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement,
    sqlx::{self, AssertSqlSafe, RawSql, Sqlite, SqlitePool, Transaction, query::Query},
};
use sea_query_sqlx::SqlxValues;
use tokio::sync::Mutex;

use super::{
    DbError,
    pool::{Lender, Lent},
    tenant_setting::in_the_name,
};
use crate::id::OrganizationId;

/// Where statements run, and whether one of them failed.
pub(crate) struct Connection {
    executor: Executor,
    failed: AtomicBool,
}

/// A pool for single reads, a transaction for everything else.
pub(crate) enum Executor {
    PostgresPool(Lender),
    /// Each statement names the organization to Postgres by itself.
    PostgresReads(Lender, OrganizationId),
    Postgres(Mutex<Lent>),
    SqlitePool(SqlitePool),
    Sqlite(Mutex<Transaction<'static, Sqlite>>),
}

impl Connection {
    pub(crate) const fn new(executor: Executor) -> Self {
        Self {
            executor,
            failed: AtomicBool::new(false),
        }
    }

    /// Ends the transaction and keeps what it wrote; a pool has nothing to end.
    ///
    /// Once a statement failed there is nothing to keep: SQLite would commit the rest of a unit
    /// of work, and Postgres would answer that all is well and undo everything.
    pub(crate) async fn commit(self) -> Result<(), DbError> {
        if self.failed.into_inner() {
            return Err(DbError::RolledBack);
        }
        let committed = match self.executor {
            Executor::Postgres(lent) => lent.into_inner().commit().await,
            Executor::Sqlite(transaction) => transaction.into_inner().commit().await,
            Executor::PostgresPool(_) | Executor::PostgresReads(..) | Executor::SqlitePool(_) => {
                Ok(())
            }
        };
        Ok(committed.map_err(failed)?)
    }

    /// The statement, with the name that it needs where no transaction has given it.
    fn named(&self, statement: Statement) -> Statement {
        match self.executor {
            Executor::PostgresReads(_, organization) => in_the_name(organization, statement),
            _ => statement,
        }
    }

    /// Remembers a failure.
    fn heard<T>(&self, outcome: Result<T, DbErr>) -> Result<T, DbErr> {
        if outcome.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
        outcome
    }

    /// Runs SQL of our own making, and answers with its rows.
    #[expect(
        clippy::disallowed_methods,
        reason = "the log of events and its queue, which span organizations"
    )]
    pub(crate) async fn ask(
        &self,
        sql: String,
        values: impl IntoIterator<Item = sea_orm::Value>,
    ) -> Result<Vec<QueryResult>, DbErr> {
        let backend = self.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, values);
        self.query_all_raw(statement).await
    }

    /// Whether a statement failed, and the transaction can't be kept.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// Runs SQL of our own making that binds nothing, such as a setting.
    #[expect(
        clippy::disallowed_methods,
        reason = "settings of a transaction; the one caller writes no rows with it"
    )]
    pub(crate) async fn run(&self, sql: String) -> Result<(), DbErr> {
        self.execute_unprepared(&sql).await.map(drop)
    }
}

pub(crate) fn failed(error: sqlx::Error) -> DbErr {
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

/// SQL that binds nothing, and may be several statements.
fn unbound(sql: &str) -> RawSql {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
}

/// Runs one call of sqlx on a lent connection to Postgres.
macro_rules! on_postgres {
    ($lent:expr, |$executor:ident| $call:expr) => {{
        let $executor = $lent.ask();
        let outcome = $call;
        if outcome.is_ok() {
            $lent.answered();
        }
        outcome.map(Into::into).map_err(failed)
    }};
}

/// Runs one call of sqlx on whichever executor this is.
macro_rules! on_executor {
    ($connection:expr, $query:ident = $made:ident($of:expr), |$executor:ident| $call:expr) => {
        match &$connection.executor {
            Executor::PostgresPool(lender) | Executor::PostgresReads(lender, _) => {
                match lender.lend().await {
                    Ok(mut lent) => {
                        let $query = $made($of);
                        on_postgres!(lent, |$executor| $call)
                    }
                    Err(error) => Err(error),
                }
            }
            Executor::Postgres(lent) => {
                let (mut lent, $query) = (lent.lock().await, $made($of));
                on_postgres!(lent, |$executor| $call)
            }
            Executor::SqlitePool(pool) => {
                let ($query, $executor) = ($made($of), pool);
                $call.map(Into::into).map_err(failed)
            }
            Executor::Sqlite(transaction) => {
                let mut transaction = transaction.lock().await;
                let ($query, $executor) = ($made($of), &mut **transaction);
                $call.map(Into::into).map_err(failed)
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
            Executor::PostgresPool(_) | Executor::PostgresReads(..) | Executor::Postgres(_) => {
                DbBackend::Postgres
            }
            Executor::SqlitePool(_) | Executor::Sqlite(_) => DbBackend::Sqlite,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.heard(on_executor!(
            self,
            query = bound(self.named(statement)),
            |executor| { query.execute(executor).await }
        ))
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.heard(on_executor!(self, query = unbound(sql), |executor| query
            .execute(executor)
            .await))
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.heard(on_executor!(
            self,
            query = bound(self.named(statement)),
            |executor| {
                query
                    .fetch_optional(executor)
                    .await
                    .map(|row| row.map(QueryResult::from))
            }
        ))
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.heard(on_executor!(
            self,
            query = bound(self.named(statement)),
            |executor| { query.fetch_all(executor).await.map(results) }
        ))
    }
}
