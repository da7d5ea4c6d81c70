//! Deleting jobs that are not done.

use super::content::delete_content;
use crate::{
    access::Grant,
    clock::Timestamp,
    db::{DbError, UnitOfWork},
    id::Uuid,
    outbox::DeliveryQueue,
};

impl UnitOfWork {
    /// Deletes up to `limit` jobs and schedules of the grant's organization from the queue, and returns
    /// their number. What the jobs hold is erased with the organization's other rows.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn discard_jobs<P>(&mut self, grant: &Grant<P>, limit: u32) -> Result<u64, DbError> {
        let organization = grant.organization();
        let rows = self.tenant(grant).await?;
        let deleted = rows.connection().query(
            "DELETE FROM event_deliveries WHERE (listener, stream_id, number) IN (
               SELECT listener, stream_id, number FROM event_deliveries
               WHERE stream_id = $1 AND number <= 0 LIMIT $2)
             RETURNING number",
            [organization.into(), i64::from(limit).into()],
        );
        Ok(deleted.await?.len() as u64)
    }
}

impl DeliveryQueue {
    /// Deletes up to `limit` jobs of a name, dead letters included, and its schedules. They will not be
    /// done.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn discard_jobs(&self, job: &str, limit: u32) -> Result<u64, DbError> {
        let found = "SELECT listener, stream_id, number FROM event_deliveries
                     WHERE listener = $1 AND number <= 0 ORDER BY stream_id LIMIT $2";
        self.delete_found(found, [job.into(), i64::from(limit).into()])
            .await
    }

    /// Deletes up to `limit` jobs that became dead letters before that time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prune_dead_jobs(&self, before: Timestamp, limit: u32) -> Result<u64, DbError> {
        let found = "SELECT listener, stream_id, number FROM event_deliveries
                     WHERE number < 0 AND dead_at < $1 ORDER BY stream_id LIMIT $2";
        self.delete_found(found, [before.into(), i64::from(limit).into()])
            .await
    }

    /// Deletes jobs, those of each organization in a transaction of that organization.
    async fn delete_found(&self, sql: &str, values: [sea_orm::Value; 2]) -> Result<u64, DbError> {
        let rows = self.database().read_global();
        let rows = rows.connection().query(sql, values).await?;
        let mut found = Vec::new();
        for row in rows {
            let listener: String = row.try_get("", "listener")?;
            let organization: Uuid = row.try_get("", "stream_id")?;
            let number: i64 = row.try_get("", "number")?;
            found.push((organization, listener, number));
        }
        let mut total = 0;
        for jobs in found.chunk_by(|one, next| one.0 == next.0) {
            let organization = jobs[0].0;
            let connection = self
                .database()
                .transaction(Some(organization.into()), Some(organization))
                .await?;
            for (_, listener, number) in jobs {
                let key = [
                    listener.as_str().into(),
                    organization.into(),
                    (*number).into(),
                ];
                let deleted = connection.query(
                    "DELETE FROM event_deliveries
                     WHERE listener = $1 AND stream_id = $2 AND number = $3 RETURNING event_id",
                    key,
                );
                for row in deleted.await? {
                    let id: Uuid = row.try_get("", "event_id")?;
                    delete_content(&connection, organization, id).await?;
                    total += 1;
                }
            }
            connection.commit().await?;
        }
        Ok(total)
    }
}
