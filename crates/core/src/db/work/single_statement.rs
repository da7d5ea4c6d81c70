//! A unit of work in one statement.

use sea_orm::{
    FromQueryResult as _, IntoActiveModel, QueryTrait as _, Values, sea_query::PostgresQueryBuilder,
};

use super::{UnitOfWork, commit_and_publish};
use crate::{
    access::Grant,
    db::{
        Database, DbError, Scope as _, Scoped, Tenant, connection::Connection,
        tenant_setting::set_tenant_condition,
    },
    event::Envelope,
    outbox::{MAX_EVENTS_PER_INSERT, assign_numbers, event_ctes, pending_deliveries},
};

impl UnitOfWork {
    /// Inserts a row of the grant's organization and commits: the same as
    /// [`tenant`](Self::tenant), `insert` and [`commit`](Self::commit).
    ///
    /// On Postgres this takes one round trip instead of four, if no statement was sent before, all
    /// events are of that organization, and the table has no foreign key but the one to its
    /// organization.
    ///
    /// # Errors
    /// As these.
    pub async fn insert_and_commit<E>(
        mut self,
        grant: &Grant<impl Sized>,
        mut row: E::ActiveModel,
    ) -> Result<E::Model, DbError>
    where
        E: Scoped<Tenant>,
        E::Model: IntoActiveModel<E::ActiveModel> + Send + 'static,
        E::ActiveModel: Send + 'static,
    {
        let scope = Tenant(grant.organization());
        let Some(connection) = self.eligible_connection::<E>(scope).await? else {
            let inserted = self.tenant(grant).await?.insert::<E>(row).await?;
            self.commit().await?;
            return Ok(inserted);
        };
        scope.assign_tenant::<E>(&mut row)?;
        let database = self.database.clone();
        let committed = self.insert_with_events::<E>(connection, scope, row);
        commit_and_publish(database, committed).await
    }

    /// The connection for the one statement, if one statement will do.
    async fn eligible_connection<E: Scoped<Tenant>>(
        &self,
        scope: Tenant,
    ) -> Result<Option<Connection>, DbError> {
        let is_in_scope = |event: &Envelope| event.stream_id == scope.0.uuid();
        let fits = self.connection.is_none()
            && self.delivery.is_none()
            && (1..=MAX_EVENTS_PER_INSERT).contains(&self.events.len())
            && self.events.iter().all(is_in_scope);
        let connection = fits.then(|| self.database.single_statement_connection());
        let Some(connection) = connection.flatten() else {
            return Ok(None);
        };
        let table = E::default();
        let has_only_tenant_fk = match self.database.has_only_tenant_fk(table.table_name()) {
            Some(known) => known,
            None => load_fk_shape(&self.database, &connection, table.table_name()).await?,
        };
        Ok(has_only_tenant_fk.then_some(connection))
    }

    /// The tenant is set before the first CTE runs, as in
    /// [`scope_read_to_tenant`](crate::db::tenant_setting::scope_read_to_tenant); otherwise the
    /// policies would reject the row.
    ///
    /// The stream's row is locked last, because a transaction that waits for it may hold every other
    /// lock. Postgres checks the table's foreign key at the end of the statement, so the
    /// organization's row is locked explicitly before.
    #[expect(
        clippy::disallowed_methods,
        reason = "the organization was set by the caller"
    )]
    async fn insert_with_events<E: Scoped<Tenant>>(
        mut self,
        connection: Connection,
        Tenant(organization): Tenant,
        row: E::ActiveModel,
    ) -> Result<(E::Model, Vec<Envelope>), DbError> {
        let mut insert = E::insert(row).into_query();
        let (insert, Values(mut values)) = insert.returning_all().build(PostgresQueryBuilder);
        let mut events: Vec<_> = self.events.iter_mut().collect();
        let deliveries = pending_deliveries(&self.database, &events);
        let from = "FROM inserted, locked";
        let event_ctes = event_ctes(&self.database, &events, &deliveries, &mut values, from);
        values.push(organization.into());
        let id = values.len();
        values.push(organization.to_string().into());
        let condition = set_tenant_condition(values.len());
        let sql = format!(
            "WITH inserted AS ({insert}),
             locked AS (SELECT FROM organizations WHERE id = ${id} FOR KEY SHARE), {event_ctes}
             SELECT inserted.*, base AS event_base FROM inserted, counter WHERE {condition}"
        );
        let rows = connection.query(sql, values).await?;
        let row = rows.first().ok_or(DbError::RolledBack)?;
        assign_numbers(&mut events, row.try_get("", "event_base")?);
        Ok((E::Model::from_query_result(row, "")?, self.events))
    }
}

/// Whether the table's only foreign key is the one to its organization. The parent rows of another
/// key would be locked after the stream.
async fn load_fk_shape(
    database: &Database,
    connection: &Connection,
    table: &str,
) -> Result<bool, DbError> {
    let keys = "SELECT count(*) FROM pg_constraint
                WHERE conrelid = $1::text::regclass AND contype = 'f'
                  AND confrelid <> 'organizations'::regclass";
    let rows = connection.query(keys, [table.into()]).await?;
    let others: i64 = rows
        .first()
        .ok_or(DbError::RolledBack)?
        .try_get("", "count")?;
    database.remember_fk_shape(table, others == 0);
    Ok(others == 0)
}
