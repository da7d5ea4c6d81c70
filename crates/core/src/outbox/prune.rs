//! Deletes old events and dead letters.
//!
//! The numbers of deleted events are not reused.

use super::DeliveryQueue;
use crate::{
    clock::Timestamp,
    db::{Backend, DbError},
    event::EventKind,
};

/// On Postgres the application's role may not delete from the log; the owner's function may, by the
/// same rules.
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
    /// Deletes up to `limit` of the oldest events of a kind that were recorded before that time, and
    /// returns their number. Events with a delivery, dead letters included, are kept, and on
    /// Postgres those of the last day.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prune(
        &self,
        kind: EventKind,
        before: Timestamp,
        limit: u32,
    ) -> Result<u64, DbError> {
        let connection = self.database().transaction(None, None).await?;
        let values = [kind.as_str().into(), before.into(), i64::from(limit).into()];
        let pruned = match self.database().backend() {
            Backend::Postgres => {
                let rows = connection.query(ON_POSTGRES, values).await?;
                let count: i64 = rows
                    .first()
                    .ok_or(DbError::RolledBack)?
                    .try_get("", "pruned")?;
                count.unsigned_abs()
            }
            Backend::Sqlite => connection.query(ON_SQLITE, values).await?.len() as u64,
        };
        connection.commit().await?;
        Ok(pruned)
    }

    /// Deletes up to `limit` of the oldest deliveries of events that became dead letters before that time, and
    /// returns their number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prune_dead(&self, before: Timestamp, limit: u32) -> Result<u64, DbError> {
        let connection = self.database().transaction(None, None).await?;
        let pruned = connection.query(
            "DELETE FROM event_deliveries WHERE (listener, stream_id, number) IN (
               SELECT listener, stream_id, number FROM event_deliveries
               WHERE number > 0 AND dead_at < $1 ORDER BY dead_at LIMIT $2)
             RETURNING number",
            [before.into(), i64::from(limit).into()],
        );
        let pruned = pruned.await?.len() as u64;
        connection.commit().await?;
        Ok(pruned)
    }
}
