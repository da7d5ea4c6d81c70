//! The queue as an operator sees and manages it.

use sea_orm::QueryResult;

use super::DeliveryQueue;
use crate::{
    clock::Timestamp,
    db::DbError,
    id::{EventId, OrganizationId, Uuid},
};

/// The pending deliveries of one listener.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Backlog {
    /// The listener.
    pub listener: String,
    /// The number of pending deliveries, without dead letters.
    pub pending: i64,
    /// When the oldest of them was recorded: how far the listener lags behind.
    pub oldest: Option<Timestamp>,
    /// How many of them failed at least once.
    pub retries: i64,
    /// The number of dead letters.
    pub dead: i64,
}

impl Backlog {
    /// The backlog of a listener without deliveries.
    #[must_use]
    pub fn none(listener: &str) -> Self {
        Self {
            listener: listener.to_owned(),
            pending: 0,
            oldest: None,
            retries: 0,
            dead: 0,
        }
    }
}

/// A delivery that is no longer retried: of an event to a listener, or of a job to its handler.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct DeadLetter {
    /// The listener, or the name of the job.
    pub listener: String,
    /// The event, or the job.
    pub event_id: EventId,
    /// The event's wire name, or the job's name.
    pub event: String,
    /// The organization in which it happened, if it happened in one.
    pub organization_id: Option<OrganizationId>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The number of attempts.
    pub attempts: i32,
    /// When it became a dead letter.
    pub dead_at: Timestamp,
    /// The error of the last attempt.
    pub last_error: Option<String>,
}

impl DeliveryQueue {
    /// The backlog of each listener that has one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn backlog(&self) -> Result<Vec<Backlog>, DbError> {
        let rows = self.database().read_global();
        let found = rows.connection().query(
            "SELECT listener, count(*) AS total, count(dead_at) AS dead,
                    sum(CASE WHEN dead_at IS NULL AND attempts > 0 THEN 1 ELSE 0 END) AS retries,
                    min(CASE WHEN dead_at IS NULL THEN recorded_at END) AS oldest
             FROM event_deliveries WHERE number > 0 GROUP BY listener ORDER BY listener",
            [],
        );
        let backlog = |row: &QueryResult| -> Result<Backlog, DbError> {
            let (total, dead): (i64, i64) = (row.try_get("", "total")?, row.try_get("", "dead")?);
            Ok(Backlog {
                listener: row.try_get("", "listener")?,
                pending: total - dead,
                oldest: row.try_get("", "oldest")?,
                retries: row.try_get("", "retries")?,
                dead,
            })
        };
        found.await?.iter().map(backlog).collect()
    }

    /// The dead letters of one listener or of all, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn dead_letters(&self, listener: Option<&str>) -> Result<Vec<DeadLetter>, DbError> {
        self.dead_letters_where("number > 0", listener).await
    }

    pub(super) async fn dead_letters_where(
        &self,
        condition: &'static str,
        listener: Option<&str>,
    ) -> Result<Vec<DeadLetter>, DbError> {
        let rows = self.database().read_global();
        let found = rows.connection().query(
            format!("SELECT listener, stream_id, in_organization, event_id, event_name, recorded_at,
                    attempts, dead_at, last_error
             FROM event_deliveries
             WHERE {condition} AND dead_at IS NOT NULL AND (CAST($1 AS text) IS NULL OR listener = $1)
             ORDER BY dead_at DESC, listener, stream_id, number"),
            [listener.into()],
        );
        let letter = |row: &QueryResult| -> Result<DeadLetter, DbError> {
            let stream: Uuid = row.try_get("", "stream_id")?;
            let in_organization: bool = row.try_get("", "in_organization")?;
            Ok(DeadLetter {
                listener: row.try_get("", "listener")?,
                event_id: row.try_get("", "event_id")?,
                event: row.try_get("", "event_name")?,
                organization_id: in_organization.then(|| stream.into()),
                recorded_at: row.try_get("", "recorded_at")?,
                attempts: row.try_get("", "attempts")?,
                dead_at: row.try_get("", "dead_at")?,
                last_error: row.try_get("", "last_error")?,
            })
        };
        found.await?.iter().map(letter).collect()
    }

    /// Makes the dead letters of a listener due again, and returns their number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn requeue_dead_letters(&self, listener: &str) -> Result<u64, DbError> {
        let connection = self.database().transaction(None, None).await?;
        let requeued = connection.query(
            "UPDATE event_deliveries SET dead_at = NULL, attempts = 0, next_attempt_at = $2
             WHERE dead_at IS NOT NULL AND listener = $1 RETURNING number",
            [listener.into(), self.now().into()],
        );
        let requeued = requeued.await?.len() as u64;
        connection.commit().await?;
        self.notify_others().await?;
        Ok(requeued)
    }

    /// Deletes up to `limit` deliveries of a listener, dead letters included, and returns their
    /// number. They will not be delivered.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn discard(&self, listener: &str, limit: u32) -> Result<u64, DbError> {
        let connection = self.database().transaction(None, None).await?;
        let deleted = connection.query(
            "DELETE FROM event_deliveries WHERE listener = $1 AND (stream_id, number) IN (
               SELECT stream_id, number FROM event_deliveries WHERE listener = $1 AND number > 0 LIMIT $2)
             RETURNING number",
            [listener.into(), i64::from(limit).into()],
        );
        let deleted = deleted.await?.len() as u64;
        connection.commit().await?;
        Ok(deleted)
    }
}
