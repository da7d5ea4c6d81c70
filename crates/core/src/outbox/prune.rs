//! Taking out of the log, and out of the queue, what was kept long enough.
//!
//! Numbers are not given again: each stream goes on counting where it was.

use super::{DeliveryQueue, ask};
use crate::{
    clock::Timestamp,
    db::{Backend, DbError},
    event::EventKind,
};

/// On Postgres the application's role may not delete from the log; the owner's function may, and
/// holds to the same rules.
const ON_POSTGRES: &str = "SELECT prune_event_log($1, $2, $3) AS pruned";

const ON_SQLITE: &str = "
    DELETE FROM event_log WHERE rowid IN (
      SELECT e.rowid FROM event_log e
      WHERE e.kind = $1 AND e.occurred_at < $2
        AND NOT EXISTS (SELECT 1 FROM event_deliveries d
                        WHERE d.stream_id = e.stream_id AND d.number = e.number)
      ORDER BY e.occurred_at LIMIT $3)
    RETURNING 1 AS pruned";

impl DeliveryQueue {
    /// Takes the oldest events of a kind out of the log that were recorded before that moment, at
    /// most so many, and says how many they were. What a listener is still to be told of, dead
    /// letters among it, stays, as does, on Postgres, whatever is of the last day.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn prune(
        &self,
        kind: EventKind,
        before: Timestamp,
        at_most: u32,
    ) -> Result<u64, DbError> {
        let connection = self.database.transaction(None).await?;
        let values = [
            kind.as_str().into(),
            before.into(),
            i64::from(at_most).into(),
        ];
        let pruned = match self.database.backend() {
            Backend::Postgres => {
                let rows = ask(&connection, ON_POSTGRES, values).await?;
                let count: i64 = rows
                    .first()
                    .ok_or(DbError::RolledBack)?
                    .try_get("", "pruned")?;
                count.unsigned_abs()
            }
            Backend::Sqlite => ask(&connection, ON_SQLITE, values).await?.len() as u64,
        };
        connection.commit().await?;
        Ok(pruned)
    }

    /// Takes the oldest dead letters out of the queue that were given up before that moment, at
    /// most so many, and says how many they were.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn prune_dead(&self, before: Timestamp, at_most: u32) -> Result<u64, DbError> {
        let connection = self.database.transaction(None).await?;
        let pruned = ask(
            &connection,
            "DELETE FROM event_deliveries WHERE (listener, stream_id, number) IN (
               SELECT listener, stream_id, number FROM event_deliveries
               WHERE dead_at < $1 ORDER BY dead_at LIMIT $2)
             RETURNING number",
            [before.into(), i64::from(at_most).into()],
        );
        let pruned = pruned.await?.len() as u64;
        connection.commit().await?;
        Ok(pruned)
    }
}
