//! Our own executor under SeaORM.
//!
//! SeaORM's transaction sends `BEGIN` and every setting on its own; this one sends them in one
//! round trip, and it is private to this module, so that no statement runs outside a scope.

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement,
    sqlx::{self, AssertSqlSafe, PgPool, Postgres, Sqlite, SqlitePool, Transaction, query::Query},
};
use sea_query_sqlx::SqlxValues;
use tokio::sync::Mutex;

/// Where statements run: a pool for single reads, a transaction for everything else.
pub(super) enum Connection {
    PostgresPool(PgPool),
    Postgres(Mutex<Transaction<'static, Postgres>>),
    SqlitePool(SqlitePool),
    Sqlite(Mutex<Transaction<'static, Sqlite>>),
}

impl Connection {
    /// Ends the transaction and keeps what it wrote; a pool has nothing to end.
    pub(super) async fn commit(self) -> Result<(), DbErr> {
        match self {
            Self::Postgres(transaction) => transaction.into_inner().commit().await,
            Self::Sqlite(transaction) => transaction.into_inner().commit().await,
            Self::PostgresPool(_) | Self::SqlitePool(_) => Ok(()),
        }
        .map_err(failed)
    }

    /// Runs SQL of our own making that binds nothing, such as a setting.
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
        match $connection {
            Connection::PostgresPool(pool) => {
                let ($query, $executor) = (bound::<Postgres>($statement), pool);
                $call.map(Into::into)
            }
            Connection::SqlitePool(pool) => {
                let ($query, $executor) = (bound::<Sqlite>($statement), pool);
                $call.map(Into::into)
            }
            Connection::Postgres(transaction) => {
                let mut transaction = transaction.lock().await;
                let ($query, $executor) = (bound::<Postgres>($statement), &mut **transaction);
                $call.map(Into::into)
            }
            Connection::Sqlite(transaction) => {
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
        match self {
            Self::PostgresPool(_) | Self::Postgres(_) => DbBackend::Postgres,
            Self::SqlitePool(_) | Self::Sqlite(_) => DbBackend::Sqlite,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        on_executor!(self, statement, |query, executor| query
            .execute(executor)
            .await)
        .map_err(failed)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let sql = sql.to_owned();
        match self {
            Self::PostgresPool(pool) => sqlx::raw_sql(AssertSqlSafe(sql))
                .execute(pool)
                .await
                .map(Into::into),
            Self::SqlitePool(pool) => sqlx::raw_sql(AssertSqlSafe(sql))
                .execute(pool)
                .await
                .map(Into::into),
            Self::Postgres(transaction) => {
                let mut transaction = transaction.lock().await;
                let run = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **transaction);
                run.await.map(Into::into)
            }
            Self::Sqlite(transaction) => {
                let mut transaction = transaction.lock().await;
                let run = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **transaction);
                run.await.map(Into::into)
            }
        }
        .map_err(failed)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        on_executor!(self, statement, |query, executor| query
            .fetch_optional(executor)
            .await
            .map(|row| row.map(QueryResult::from)))
        .map_err(failed)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        on_executor!(self, statement, |query, executor| query
            .fetch_all(executor)
            .await
            .map(results))
        .map_err(failed)
    }
}
