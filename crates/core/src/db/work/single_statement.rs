//! Writing a row and its events in one statement.
//!
//! On Postgres this takes one round trip instead of four, if no other statement was sent, all events
//! are of the row's organization, and the table has no foreign key but the one to its organization.

use sea_orm::Values;

use super::{UnitOfWork, pending_insert::PendingInsert};
use crate::{
    db::{Database, DbError, Tenant, connection::Connection, tenant_setting::set_tenant_condition},
    event::Envelope,
    outbox::{MAX_EVENTS_PER_INSERT, assign_numbers, event_ctes, pending_deliveries},
};

impl UnitOfWork {
    /// The connection for the one statement, if one statement will do.
    pub(super) async fn eligible_connection(
        &self,
        insert: &dyn PendingInsert,
    ) -> Result<Option<Connection>, DbError> {
        let stream = insert.tenant().0.uuid();
        let fits = self.connection.is_none()
            && self.delivery.is_none()
            && self.jobs.is_empty()
            && (1..=MAX_EVENTS_PER_INSERT).contains(&self.events.len())
            && self.events.iter().all(|event| event.stream_id == stream);
        let connection = fits.then(|| self.database.single_statement_connection(Some(stream)));
        let Some(connection) = connection.flatten() else {
            return Ok(None);
        };
        let table = insert.table();
        let has_only_tenant_fk = match self.database.has_only_tenant_fk(table) {
            Some(known) => known,
            None => load_fk_shape(&self.database, &connection, table).await?,
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
    pub(super) async fn insert_with_events(
        mut self,
        connection: Connection,
        insert: Box<dyn PendingInsert>,
    ) -> Result<Vec<Envelope>, DbError> {
        let Tenant(organization) = insert.tenant();
        let (insert, Values(mut values)) = insert.into_postgres();
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
             SELECT base AS event_base FROM inserted, counter WHERE {condition}"
        );
        let rows = connection.query(sql, values).await?;
        let row = rows.first().ok_or(DbError::RolledBack)?;
        assign_numbers(&mut events, row.try_get("", "event_base")?);
        Ok(self.events)
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
