//! The unit of work that is one statement.

use sea_orm::{
    FromQueryResult as _, IntoActiveModel, QueryTrait as _, Values, sea_query::PostgresQueryBuilder,
};

use super::{UnitOfWork, finish};
use crate::{
    access::Grant,
    db::{
        Database, DbError, Scope as _, Scoped, Tenant, connection::Connection, tenant_setting::gate,
    },
    event::Envelope,
    outbox::{MOST, deliveries, number, terms},
};

impl UnitOfWork {
    /// Inserts a row of the grant's organization, makes everything permanent, and tells the
    /// recorded events: what [`tenant`](Self::tenant), `insert` and [`commit`](Self::commit) do.
    ///
    /// Postgres gets it as one statement and in one round trip, not in four, where nothing was
    /// sent before, the events are all of that organization, and the table refers to nothing but
    /// its organization.
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
        let Some(connection) = self.one_statement::<E>(scope).await? else {
            let inserted = self.tenant(grant).await?.insert::<E>(row).await?;
            self.commit().await?;
            return Ok(inserted);
        };
        scope.stamp::<E>(&mut row)?;
        let database = self.database.clone();
        finish(database, self.insert_at_once::<E>(connection, scope, row)).await
    }

    /// Where it can be sent as one statement, if it can.
    async fn one_statement<E: Scoped<Tenant>>(
        &self,
        scope: Tenant,
    ) -> Result<Option<Connection>, DbError> {
        let is_ours = |event: &Envelope| event.stream_id == scope.0.uuid();
        let fits = self.connection.is_none()
            && self.delivery.is_none()
            && (1..=MOST).contains(&self.events.len())
            && self.events.iter().all(is_ours);
        let Some(connection) = fits.then(|| self.database.writing_once()).flatten() else {
            return Ok(None);
        };
        let table = E::default();
        let is_alone = match self
            .database
            .refers_to_its_organization_alone(table.table_name())
        {
            Some(known) => known,
            None => look(&self.database, &connection, table.table_name()).await?,
        };
        Ok(is_alone.then_some(connection))
    }

    /// The organization is named before the first term runs, as in
    /// [`in_the_name`](crate::db::tenant_setting::in_the_name); were it not, no policy would let the row in.
    ///
    /// The stream is taken last: whoever waits for it may hold all the rest. Postgres looks at the
    /// table's foreign key when everything is written, so the organization's row is taken before.
    #[expect(
        clippy::disallowed_methods,
        reason = "the organization was set by the caller"
    )]
    async fn insert_at_once<E: Scoped<Tenant>>(
        mut self,
        connection: Connection,
        Tenant(organization): Tenant,
        row: E::ActiveModel,
    ) -> Result<(E::Model, Vec<Envelope>), DbError> {
        let mut insert = E::insert(row).into_query();
        let (insert, Values(mut values)) = insert.returning_all().build(PostgresQueryBuilder);
        let mut told: Vec<_> = self.events.iter_mut().collect();
        let noted = deliveries(&self.database, &told);
        let from = "FROM written, held";
        let terms = terms(&self.database, &told, &noted, &mut values, from);
        values.push(organization.into());
        let held = values.len();
        values.push(organization.to_string().into());
        let gate = gate(values.len());
        let sql = format!(
            "WITH written AS ({insert}),
             held AS (SELECT FROM organizations WHERE id = ${held} FOR KEY SHARE), {terms}
             SELECT written.*, base AS event_base FROM written, counter WHERE {gate}"
        );
        let rows = connection.ask(sql, values).await?;
        let row = rows.first().ok_or(DbError::RolledBack)?;
        number(&mut told, row.try_get("", "event_base")?);
        Ok((E::Model::from_query_result(row, "")?, self.events))
    }
}

/// Whether a table has no foreign key but the one to its organization, which every tenant's has.
/// Rows that another one led to would be locked after the stream.
async fn look(database: &Database, connection: &Connection, table: &str) -> Result<bool, DbError> {
    let keys = "SELECT count(*) FROM pg_constraint
                WHERE conrelid = $1::text::regclass AND contype = 'f'
                  AND confrelid <> 'organizations'::regclass";
    let rows = connection.ask(keys.to_owned(), [table.into()]).await?;
    let others: i64 = rows
        .first()
        .ok_or(DbError::RolledBack)?
        .try_get("", "count")?;
    database.know_whether_it_refers_alone(table, others == 0);
    Ok(others == 0)
}
