//! Claiming jobs: in no order, and fairly between organizations.

use sea_orm::QueryResult;

use crate::{
    clock::Timestamp,
    db::{Backend, DbError, connection::Connection},
    id::Uuid,
    outbox::{Delivery, DeliveryQueue},
};

/// The maximum number of jobs of one organization in a claim.
const BATCH: i64 = 32;

/// The organizations with jobs to claim, those behind `$3` first.
///
/// Only one batch of an organization is in progress at a time, in all processes. A recursive query jumps
/// from organization to organization in the primary key. Jobs of a suspended organization wait.
const ORGANIZATIONS: &str = "
    WITH RECURSIVE waiting (stream_id) AS (
      SELECT (SELECT d.stream_id FROM event_deliveries d
              WHERE d.listener = $1 AND d.number < 0 AND d.dead_at IS NULL
              ORDER BY d.stream_id LIMIT 1)
      UNION ALL
      SELECT (SELECT d.stream_id FROM event_deliveries d
              WHERE d.listener = $1 AND d.number < 0 AND d.dead_at IS NULL
                AND d.stream_id > w.stream_id
              ORDER BY d.stream_id LIMIT 1)
      FROM waiting w WHERE w.stream_id IS NOT NULL
    )
    SELECT w.stream_id FROM waiting w
    JOIN active_organizations a ON a.organization_id = w.stream_id
    WHERE EXISTS (
        SELECT 1 FROM event_deliveries d
        WHERE d.listener = $1 AND d.stream_id = w.stream_id AND d.number < 0
          AND d.dead_at IS NULL AND d.next_attempt_at <= $2
          AND (d.leased_until IS NULL OR d.leased_until <= $2))
      AND NOT EXISTS (
        SELECT 1 FROM event_deliveries d
        WHERE d.listener = $1 AND d.stream_id = w.stream_id AND d.number < 0
          AND d.dead_at IS NULL AND d.next_attempt_at <= $2 AND d.leased_until > $2)
    ORDER BY CASE WHEN w.stream_id > $3 THEN 0 ELSE 1 END, w.stream_id LIMIT $4";

impl DeliveryQueue {
    /// Leases the next jobs of this name to this process: a batch for each of up to `organizations`
    /// organizations, those behind `after` first, so that they take turns.
    ///
    /// An expired lease counts as a failed attempt of the job that was in progress: one that crashes
    /// the process must reach the dead letters too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_jobs(
        &self,
        job: &'static str,
        after: Uuid,
        organizations: u16,
    ) -> Result<Vec<Vec<Delivery>>, DbError> {
        let now = self.now();
        let connection = self.database().transaction(None, None).await?;
        if self.database().backend() == Backend::Postgres {
            // Two claims at a time would not see the leases of each other.
            let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
            connection.query(lock, [job.into()]).await?;
            // A plan that was cached while the queue was short would scan all of a long one.
            let setting = "SET LOCAL enable_seqscan = off";
            connection.execute(setting.to_owned()).await?;
        }
        let values = [
            job.into(),
            now.into(),
            after.into(),
            i64::from(organizations).into(),
        ];
        let found = connection.query(ORGANIZATIONS, values).await?;
        self.failpoint("jobs.claiming").await;
        let mut batches = Vec::new();
        for row in found {
            let organization: Uuid = row.try_get("", "stream_id")?;
            let batch = self.lease_jobs(&connection, job, organization, now).await?;
            if !batch.is_empty() {
                batches.push(batch);
            }
        }
        connection.commit().await?;
        self.failpoint("jobs.claimed").await;
        Ok(batches)
    }

    async fn lease_jobs(
        &self,
        connection: &Connection,
        job: &'static str,
        organization: Uuid,
        now: Timestamp,
    ) -> Result<Vec<Delivery>, DbError> {
        // None waits for a running job whose lease has expired.
        let skip = match self.database().backend() {
            Backend::Postgres => "FOR UPDATE SKIP LOCKED",
            Backend::Sqlite => "",
        };
        let found = connection.query(
            format!(
                "SELECT number, attempts, leased_until FROM event_deliveries
                 WHERE listener = $1 AND stream_id = $2 AND number < 0 AND dead_at IS NULL
                   AND next_attempt_at <= $3 AND (leased_until IS NULL OR leased_until <= $3)
                 ORDER BY next_attempt_at, number LIMIT $4 {skip}"
            ),
            [job.into(), organization.into(), now.into(), BATCH.into()],
        );
        let mut crashed = None;
        let mut batch = Vec::new();
        for row in found.await? {
            let (delivery, was_leased) = found_job(job, organization, &row)?;
            // A batch is handled in this order, so the first one that is left was in progress.
            if was_leased && crashed.is_none() {
                crashed = Some(delivery.number);
            }
            batch.push(delivery);
        }
        if batch.is_empty() {
            return Ok(batch);
        }
        let places: Vec<_> = (6..6 + batch.len()).map(|n| format!("${n}")).collect();
        let numbers = batch.iter().map(|delivery| delivery.number.into());
        let values = [
            job.into(),
            organization.into(),
            self.database().process_id().into(),
            (now + Self::LEASE).into(),
            crashed.unwrap_or_default().into(),
        ];
        let leased = connection.query(
            format!(
                "UPDATE event_deliveries SET leased_by = $3, leased_until = $4,
                   attempts = attempts + CASE WHEN number = $5 THEN 1 ELSE 0 END
                 WHERE listener = $1 AND stream_id = $2 AND number IN ({})
                 RETURNING number",
                places.join(", ")
            ),
            values.into_iter().chain(numbers),
        );
        leased.await?;
        for delivery in &mut batch {
            if Some(delivery.number) == crashed {
                delivery.attempts += 1;
            }
        }
        Ok(batch)
    }
}

/// A job, and whether it has a lease that expired.
fn found_job(
    job: &'static str,
    organization: Uuid,
    row: &QueryResult,
) -> Result<(Delivery, bool), DbError> {
    let attempts: i32 = row.try_get("", "attempts")?;
    let leased: Option<Timestamp> = row.try_get("", "leased_until")?;
    let delivery = Delivery {
        listener: job,
        stream: organization,
        organization: Some(organization.into()),
        number: row.try_get("", "number")?,
        attempts: attempts.unsigned_abs(),
    };
    Ok((delivery, leased.is_some()))
}
