//! What an operator sees of the queue, and can do about it.

use sea_orm::QueryResult;

use super::{DeliveryQueue, ask};
use crate::{
    clock::Timestamp,
    db::DbError,
    id::{EventId, OrganizationId, Uuid},
};

/// What one listener is still to be told.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Backlog {
    /// The listener.
    pub listener: String,
    /// How many deliveries are left, dead letters not among them.
    pub pending: i64,
    /// When the oldest of these was recorded: how far the listener lags behind.
    pub oldest: Option<Timestamp>,
    /// How many of these were tried in vain before.
    pub retries: i64,
    /// How many were given up.
    pub dead: i64,
}

impl Backlog {
    /// Of a listener who is to be told nothing.
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

/// A delivery that was given up.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct DeadLetter {
    /// The listener.
    pub listener: String,
    /// The event.
    pub event_id: EventId,
    /// Its wire name.
    pub event: String,
    /// The organization in which it happened, if it happened in one.
    pub organization_id: Option<OrganizationId>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// How often it was tried.
    pub attempts: i32,
    /// When it was given up.
    pub dead_at: Timestamp,
    /// What went wrong the last time.
    pub last_error: Option<String>,
}

impl DeliveryQueue {
    /// What each listener is still to be told; of those who are to be told nothing, nothing.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn backlog(&self) -> Result<Vec<Backlog>, DbError> {
        let rows = self.database.read_global();
        let found = ask(
            rows.connection(),
            "SELECT listener, count(*) AS total, count(dead_at) AS dead,
                    sum(CASE WHEN dead_at IS NULL AND attempts > 0 THEN 1 ELSE 0 END) AS retries,
                    min(CASE WHEN dead_at IS NULL THEN recorded_at END) AS oldest
             FROM event_deliveries GROUP BY listener ORDER BY listener",
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

    /// What was given up, the newest first; of one listener or of all.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn dead_letters(&self, listener: Option<&str>) -> Result<Vec<DeadLetter>, DbError> {
        let rows = self.database.read_global();
        let found = ask(
            rows.connection(),
            "SELECT listener, stream_id, in_organization, event_id, event_name, recorded_at,
                    attempts, dead_at, last_error
             FROM event_deliveries
             WHERE dead_at IS NOT NULL AND (CAST($1 AS text) IS NULL OR listener = $1)
             ORDER BY dead_at DESC, listener, stream_id, number",
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

    /// Gives the dead letters of a listener a new life, and says how many they are.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn requeue_dead_letters(&self, listener: &str) -> Result<u64, DbError> {
        let connection = self.database.transaction(None).await?;
        let revived = ask(
            &connection,
            "UPDATE event_deliveries SET dead_at = NULL, attempts = 0, next_attempt_at = $2
             WHERE dead_at IS NOT NULL AND listener = $1 RETURNING number",
            [listener.into(), self.now().into()],
        );
        let revived = revived.await?.len() as u64;
        connection.commit().await?;
        self.notify_others().await?;
        Ok(revived)
    }

    /// Takes whatever a listener is still to be told out of the queue, at most so much, dead letters
    /// or not, and says how much it was. He will never hear of it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn discard(&self, listener: &str, at_most: u32) -> Result<u64, DbError> {
        let connection = self.database.transaction(None).await?;
        let forgotten = ask(
            &connection,
            "DELETE FROM event_deliveries WHERE listener = $1 AND (stream_id, number) IN (
               SELECT stream_id, number FROM event_deliveries WHERE listener = $1 LIMIT $2)
             RETURNING number",
            [listener.into(), i64::from(at_most).into()],
        );
        let forgotten = forgotten.await?.len() as u64;
        connection.commit().await?;
        Ok(forgotten)
    }
}
