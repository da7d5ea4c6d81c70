//! Claiming deliveries: which are next, and leasing them to one process.

use sea_orm::QueryResult;

use super::{Delivery, DeliveryQueue};
use crate::{
    db::{Backend, DbError},
    id::OrganizationId,
};

/// The maximum number of deliveries of one stream in a claim.
const BATCH: i64 = 32;

impl DeliveryQueue {
    /// Leases the next deliveries of up to `streams` streams to this process, each stream in its
    /// order.
    ///
    /// An expired lease counts as a failed attempt: an event that crashes the process must reach the
    /// dead letters too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim(
        &self,
        listener: &'static str,
        streams: u16,
    ) -> Result<Vec<Vec<Delivery>>, DbError> {
        let database = self.database();
        let now = self.now();
        let connection = database.transaction(None, None).await?;
        if database.backend() == Backend::Postgres {
            // A plan that was cached while the queue was short would scan all of a long one.
            let setting = "SET LOCAL enable_seqscan = off";
            connection.execute(setting.to_owned()).await?;
        }
        let values = [
            listener.into(),
            now.into(),
            i64::from(streams).into(),
            database.process_id().into(),
            (now + Self::LEASE).into(),
            BATCH.into(),
        ];
        let rows = connection.query(claim_sql(database.backend()), values);
        let rows = rows.await?;
        connection.commit().await?;
        let deliveries = rows.iter().map(|row| delivery(listener, row));
        let mut deliveries = deliveries.collect::<Result<Vec<_>, _>>()?;
        deliveries.sort_by_key(|delivery| (delivery.stream, delivery.number));
        let batches = deliveries.chunk_by(|one, next| one.stream == next.stream);
        Ok(batches.map(<[_]>::to_vec).collect())
    }
}

fn delivery(listener: &'static str, row: &QueryResult) -> Result<Delivery, DbError> {
    let stream = row.try_get("", "stream_id")?;
    let in_organization: bool = row.try_get("", "in_organization")?;
    let attempts: i32 = row.try_get("", "attempts")?;
    Ok(Delivery {
        listener,
        stream,
        organization: in_organization.then(|| OrganizationId::from(stream)),
        number: row.try_get("", "number")?,
        attempts: attempts.unsigned_abs(),
    })
}

/// The first deliveries of several streams. A stream whose first delivery is leased, or waits for
/// its next attempt, is skipped: so each listener gets each stream in order.
///
/// A recursive query jumps from stream to stream in the primary key, so a long queue of one stream
/// does not slow down the others.
fn claim_sql(backend: Backend) -> String {
    // Concurrent claims take different streams, and none waits for a running delivery whose lease
    // has expired.
    let skip = match backend {
        Backend::Postgres => "FOR UPDATE OF d SKIP LOCKED",
        Backend::Sqlite => "",
    };
    format!(
        "WITH RECURSIVE streams (stream_id) AS (
           SELECT (SELECT d.stream_id FROM event_deliveries d
                   WHERE d.listener = $1 AND d.dead_at IS NULL
                   ORDER BY d.stream_id LIMIT 1)
           UNION ALL
           SELECT (SELECT d.stream_id FROM event_deliveries d
                   WHERE d.listener = $1 AND d.dead_at IS NULL AND d.stream_id > s.stream_id
                   ORDER BY d.stream_id LIMIT 1)
           FROM streams s WHERE s.stream_id IS NOT NULL
         ), heads AS (
           SELECT d.stream_id, d.number FROM streams s
           JOIN event_deliveries d ON d.listener = $1 AND d.stream_id = s.stream_id
            AND d.number = (SELECT e.number FROM event_deliveries e
                            WHERE e.listener = $1 AND e.stream_id = s.stream_id
                              AND e.dead_at IS NULL
                            ORDER BY e.number LIMIT 1)
           WHERE d.next_attempt_at <= $2 AND (d.leased_until IS NULL OR d.leased_until <= $2)
           ORDER BY d.next_attempt_at LIMIT $3 {skip}
         )
         UPDATE event_deliveries SET
           attempts = attempts + CASE
             WHEN event_deliveries.number = h.number AND leased_until IS NOT NULL THEN 1
             ELSE 0 END,
           leased_by = $4, leased_until = $5
         FROM heads h
         WHERE event_deliveries.listener = $1 AND event_deliveries.stream_id = h.stream_id
           AND event_deliveries.dead_at IS NULL
           AND event_deliveries.number >= h.number AND event_deliveries.number < h.number + $6
           AND NOT EXISTS (
             SELECT 1 FROM event_deliveries b
             WHERE b.listener = $1 AND b.stream_id = h.stream_id AND b.dead_at IS NULL
               AND b.number > h.number AND b.number <= event_deliveries.number
               AND (b.next_attempt_at > $2 OR b.leased_until > $2))
         RETURNING event_deliveries.stream_id, event_deliveries.number, in_organization, attempts"
    )
}
