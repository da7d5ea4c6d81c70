//! The connection under SeaORM.
//!
//! SeaORM's transaction sends `BEGIN` and every setting in a round trip of its own; this one sends
//! them together. It is private to the crate, so that no statement runs outside a scope.

use std::sync::atomic::{AtomicBool, Ordering};

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement,
    sqlx::{self, AssertSqlSafe, RawSql, Sqlite, SqlitePool, Transaction, query::Query},
};
use sea_query_sqlx::SqlxValues;
use tokio::sync::Mutex;

use super::{
    DbError,
    error::map_sqlx_error,
    pool::{ConnectionPool, PooledConnection},
    shares::Share,
    tenant_setting::scope_read_to_tenant,
    turns::Turn,
};
use crate::id::{OrganizationId, Uuid};

/// Where statements run, and whether one of them failed.
pub(crate) struct Connection {
    executor: Executor,
    has_failed: AtomicBool,
}

/// A pool for single statements, a transaction for everything else.
pub(crate) enum Executor {
    PostgresPool {
        pool: ConnectionPool,
        /// The tenant that each statement, a read, is scoped to.
        tenant: Option<OrganizationId>,
        /// The holder of the share that each connection is taken from.
        holder: Option<Uuid>,
    },
    PostgresTransaction(Mutex<PooledConnection>),
    SqlitePool {
        pool: SqlitePool,
        turn: Turn,
    },
    SqliteTransaction {
        transaction: Mutex<Transaction<'static, Sqlite>>,
        /// Held until the transaction ends.
        turn: Option<Share>,
    },
}

impl Connection {
    pub(crate) const fn new(executor: Executor) -> Self {
        Self {
            executor,
            has_failed: AtomicBool::new(false),
        }
    }

    /// Commits the transaction; a pool has none.
    ///
    /// After a failed statement there is nothing to commit: SQLite would keep the rest of the unit
    /// of work, and Postgres would report success and roll back.
    pub(crate) async fn commit(self) -> Result<(), DbError> {
        if self.has_failed.into_inner() {
            return Err(DbError::RolledBack);
        }
        let committed = match self.executor {
            Executor::PostgresTransaction(connection) => connection.into_inner().commit().await,
            Executor::SqliteTransaction { transaction, turn } => {
                let committed = transaction.into_inner().commit().await;
                drop(turn);
                committed
            }
            Executor::PostgresPool { .. } | Executor::SqlitePool { .. } => Ok(()),
        };
        Ok(committed.map_err(map_sqlx_error)?)
    }

    /// Adds the tenant to a statement outside of a transaction.
    fn with_tenant(&self, statement: Statement) -> Statement {
        match self.executor {
            Executor::PostgresPool {
                tenant: Some(tenant),
                ..
            } => scope_read_to_tenant(tenant, statement),
            _ => statement,
        }
    }

    fn record_outcome<T>(&self, outcome: Result<T, DbErr>) -> Result<T, DbErr> {
        if outcome.is_err() {
            self.has_failed.store(true, Ordering::Relaxed);
        }
        outcome
    }

    /// Runs hand-written SQL and returns its rows.
    #[expect(
        clippy::disallowed_methods,
        reason = "the log of events and its queue, which span organizations"
    )]
    pub(crate) async fn query(
        &self,
        sql: impl Into<String>,
        values: impl IntoIterator<Item = sea_orm::Value>,
    ) -> Result<Vec<QueryResult>, DbErr> {
        let backend = self.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, values);
        self.query_all_raw(statement).await
    }

    /// Whether a statement failed, so that the transaction can't be committed.
    pub(crate) fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Relaxed)
    }

    /// Runs hand-written SQL without parameters, such as a setting.
    #[expect(
        clippy::disallowed_methods,
        reason = "settings of a transaction; no caller writes rows with it"
    )]
    pub(crate) async fn execute(&self, sql: String) -> Result<(), DbErr> {
        self.execute_unprepared(&sql).await.map(drop)
    }
}

/// A connection keeps its prepared statements. The text of one with more parameters follows the
/// length of its input: each length would be kept as another statement, of megabytes in Postgres.
const MAX_KEPT_PARAMETERS: usize = 128;

fn with_parameters<DB>(statement: Statement) -> Query<'static, DB, SqlxValues>
where
    DB: sqlx::Database + sqlx::database::HasStatementCache,
    SqlxValues: sqlx::IntoArguments<DB>,
{
    let values = statement.values.unwrap_or(sea_orm::Values(Vec::new()));
    let is_kept = values.0.len() <= MAX_KEPT_PARAMETERS;
    // The text comes from SeaORM's builder, which binds every value.
    sqlx::query_with(AssertSqlSafe(statement.sql), SqlxValues(values)).persistent(is_kept)
}

/// SQL without parameters, which may be several statements.
fn without_parameters(sql: &str) -> RawSql {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
}

/// Runs one call of sqlx on a connection to Postgres.
macro_rules! on_postgres {
    ($connection:expr, |$executor:ident| $call:expr) => {{
        let $executor = $connection.start_query();
        let outcome = $call;
        match &outcome {
            Ok(_) => $connection.mark_ready(),
            Err(error) => $connection.mark_failed(error),
        }
        outcome.map(Into::into).map_err(map_sqlx_error)
    }};
}

/// Runs one call of sqlx on whichever executor this is.
macro_rules! on_executor {
    ($connection:expr, $query:ident = $made:ident($of:expr), |$executor:ident| $call:expr) => {
        match &$connection.executor {
            Executor::PostgresPool { pool, holder, .. } => match pool.acquire(*holder).await {
                Ok(mut connection) => {
                    let $query = $made($of);
                    on_postgres!(connection, |$executor| $call)
                }
                Err(error) => Err(error),
            },
            Executor::PostgresTransaction(connection) => {
                let (mut connection, $query) = (connection.lock().await, $made($of));
                on_postgres!(connection, |$executor| $call)
            }
            Executor::SqlitePool { pool, turn } => match turn.take().await {
                Ok(_turn) => {
                    let ($query, $executor) = ($made($of), pool);
                    $call.map(Into::into).map_err(map_sqlx_error)
                }
                Err(error) => Err(error),
            },
            Executor::SqliteTransaction { transaction, .. } => {
                let mut transaction = transaction.lock().await;
                let ($query, $executor) = ($made($of), &mut **transaction);
                $call.map(Into::into).map_err(map_sqlx_error)
            }
        }
    };
}

fn results<R: Into<QueryResult>>(rows: Vec<R>) -> Vec<QueryResult> {
    rows.into_iter().map(Into::into).collect()
}

#[async_trait::async_trait]
impl ConnectionTrait for Connection {
    fn get_database_backend(&self) -> DbBackend {
        match self.executor {
            Executor::PostgresPool { .. } | Executor::PostgresTransaction(_) => DbBackend::Postgres,
            Executor::SqlitePool { .. } | Executor::SqliteTransaction { .. } => DbBackend::Sqlite,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.record_outcome(on_executor!(
            self,
            query = with_parameters(self.with_tenant(statement)),
            |executor| { query.execute(executor).await }
        ))
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.record_outcome(on_executor!(
            self,
            query = without_parameters(sql),
            |executor| query.execute(executor).await
        ))
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.record_outcome(on_executor!(
            self,
            query = with_parameters(self.with_tenant(statement)),
            |executor| {
                query
                    .fetch_optional(executor)
                    .await
                    .map(|row| row.map(QueryResult::from))
            }
        ))
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.record_outcome(on_executor!(
            self,
            query = with_parameters(self.with_tenant(statement)),
            |executor| { query.fetch_all(executor).await.map(results) }
        ))
    }
}
