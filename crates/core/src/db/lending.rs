//! A connection to Postgres for one transaction.

use sea_orm::sqlx::{
    AssertSqlSafe, Error, PgConnection, Postgres, SqlSafeStr as _, pool::PoolConnection,
    postgres::PgTransactionManager,
};
use sqlx_core::transaction::TransactionManager as _;

/// A connection in a transaction. Dropped without [`commit`](Self::commit), it undoes it.
///
/// sqlx's own type counts a transaction once its beginning was answered. A caller who hangs up
/// before that would leave it open, in his organization's name, on a connection that others get.
pub(super) struct Lent {
    connection: PoolConnection<Postgres>,
    /// Whether the beginning was answered.
    begun: bool,
}

impl Lent {
    /// Begins a transaction with a statement of ours.
    pub(super) async fn begin(
        connection: PoolConnection<Postgres>,
        statement: String,
    ) -> Result<Self, Error> {
        let begun = false;
        let mut lent = Self { connection, begun };
        let statement = AssertSqlSafe(statement).into_sql_str();
        PgTransactionManager::begin(&mut lent.connection, Some(statement)).await?;
        lent.begun = true;
        Ok(lent)
    }

    /// Ends the transaction and keeps what it wrote.
    pub(super) async fn commit(mut self) -> Result<(), Error> {
        PgTransactionManager::commit(&mut self.connection).await
    }

    pub(super) fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if self.begun {
            // Nothing is left to undo after a commit.
            PgTransactionManager::start_rollback(&mut self.connection);
        } else {
            self.connection.close_on_drop();
        }
    }
}
