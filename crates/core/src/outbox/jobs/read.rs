//! Reading what a job holds.

use sea_orm::QueryResult;

use crate::{
    db::DbError,
    event::{Envelope, EventKind},
    id::Uuid,
    outbox::{Delivery, DeliveryQueue, details::details},
};

impl DeliveryQueue {
    /// A job in an envelope, as its organization may read it; `None` if it is gone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read_job(&self, delivery: &Delivery) -> Result<Option<Envelope>, DbError> {
        let connection = self.database().read_connection(delivery.organization);
        let found = connection.query(
            "SELECT j.id, j.name, j.payload, j.created_at, j.actor_id, j.request_id, j.acted_by,
                    j.token_id, j.token_name,
                    CAST(NULL AS text) AS actor_name, CAST(NULL AS text) AS actor_email
             FROM event_deliveries d
             JOIN jobs j ON j.organization_id = d.stream_id AND j.id = d.event_id
             WHERE d.listener = $1 AND d.stream_id = $2 AND d.number = $3
               AND j.organization_id = $2",
            delivery.key(),
        );
        let found = found.await?;
        found.first().map(|row| envelope(delivery, row)).transpose()
    }

    /// Deletes the delivery of a job that is gone with its organization.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn discard_orphan(&self, delivery: &Delivery) -> Result<bool, DbError> {
        let holder = Some(delivery.stream);
        let connection = self
            .database()
            .transaction(delivery.organization, holder)
            .await?;
        // Asked again where the row would be written: what was read may be older.
        let deleted = connection.query(
            "DELETE FROM event_deliveries
             WHERE listener = $1 AND stream_id = $2 AND number = $3
               AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.organization_id = $2
                               AND j.id = event_deliveries.event_id)
             RETURNING number",
            delivery.key(),
        );
        let deleted = !deleted.await?.is_empty();
        connection.commit().await?;
        Ok(deleted)
    }
}

fn envelope(delivery: &Delivery, row: &QueryResult) -> Result<Envelope, DbError> {
    let id: Uuid = row.try_get("", "id")?;
    Ok(Envelope {
        id: id.into(),
        stream_id: delivery.stream,
        number: delivery.number,
        name: row.try_get("", "name")?,
        version: 1,
        kind: EventKind::Change,
        organization_id: delivery.organization,
        actor_id: row.try_get("", "actor_id")?,
        request_id: row.try_get("", "request_id")?,
        occurred_at: row.try_get("", "created_at")?,
        payload: row.try_get("", "payload")?,
        details: details(row)?,
    })
}
