//! An insert whose statement is not sent yet.

use async_trait::async_trait;
use sea_orm::{IntoActiveModel, QueryTrait as _, Values, sea_query::PostgresQueryBuilder};

use crate::db::{DbError, Scoped, Tenant, TenantRows};

/// An insert that was not sent yet.
#[async_trait]
pub(super) trait PendingInsert: Send + Sync {
    fn tenant(&self) -> Tenant;

    fn table(&self) -> &'static str;

    /// Its statement for Postgres, which returns the row.
    fn into_postgres(self: Box<Self>) -> (String, Values);

    async fn execute(self: Box<Self>, rows: TenantRows<'_>) -> Result<(), DbError>;
}

/// A row whose organization is set.
pub(super) struct Insert<E: Scoped<Tenant>> {
    pub(super) tenant: Tenant,
    pub(super) row: E::ActiveModel,
}

#[async_trait]
impl<E> PendingInsert for Insert<E>
where
    E: Scoped<Tenant>,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: Send + Sync,
{
    fn tenant(&self) -> Tenant {
        self.tenant
    }

    fn table(&self) -> &'static str {
        E::default().table_name()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the organization of the row is set"
    )]
    fn into_postgres(self: Box<Self>) -> (String, Values) {
        let mut insert = E::insert(self.row).into_query();
        insert.returning_all().build(PostgresQueryBuilder)
    }

    async fn execute(self: Box<Self>, rows: TenantRows<'_>) -> Result<(), DbError> {
        rows.insert::<E>(self.row).await.map(drop)
    }
}
