//! The unit of work that is one statement.

use sea_orm::{
    FromQueryResult as _, IntoActiveModel, QueryTrait as _, Values, sea_query::PostgresQueryBuilder,
};

use super::{UnitOfWork, finish};
use crate::{
    access::Grant,
    db::{
        DbError, Scope as _, Scoped, Tenant,
        connection::Connection,
        events::{MOST, deliveries, number, terms},
        naming::gate,
    },
    event::Envelope,
};

impl UnitOfWork {
    /// Inserts a row of the grant's organization, makes everything permanent, and tells the
    /// recorded events: what [`tenant`](Self::tenant), `insert` and [`commit`](Self::commit) do.
    ///
    /// Where nothing was sent before, and the events are all of that organization, Postgres gets
    /// it as one statement and in one round trip, not in four.
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
        let Some(connection) = self.one_statement(scope) else {
            let inserted = self.tenant(grant).await?.insert::<E>(row).await?;
            self.commit().await?;
            return Ok(inserted);
        };
        scope.stamp::<E>(&mut row)?;
        let database = self.database.clone();
        finish(database, self.insert_at_once::<E>(connection, scope, row)).await
    }

    /// Where it can be sent as one statement, if it can.
    fn one_statement(&self, scope: Tenant) -> Option<Connection> {
        let is_ours = |event: &Envelope| event.stream_id == scope.0.uuid();
        let fits = self.connection.is_none()
            && self.delivery.is_none()
            && (1..=MOST).contains(&self.events.len())
            && self.events.iter().all(is_ours);
        fits.then(|| self.database.writing_once()).flatten()
    }

    /// The organization is named before the first term runs, as in
    /// [`in_the_name`](crate::db::naming::in_the_name); were it not, no policy would let the row in.
    /// The stream is taken last, and is held the shortest.
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
        let terms = terms(&self.database, &told, &noted, &mut values, "FROM written");
        values.push(organization.to_string().into());
        let gate = gate(values.len());
        let sql = format!(
            "WITH written AS ({insert}), {terms}
             SELECT written.*, base AS event_base FROM written, counter WHERE {gate}"
        );
        let rows = connection.ask(sql, values).await?;
        let row = rows.first().ok_or(DbError::Undone)?;
        number(&mut told, row.try_get("", "event_base")?);
        Ok((E::Model::from_query_result(row, "")?, self.events))
    }
}
