//! The schedules of jobs: for each organization, when the next job is enqueued.
//!
//! A schedule is one row of the queue, which is moved from one time to the next in the transaction that
//! enqueues the job. So each time is taken once, by whichever process is first.

use sea_orm::QueryResult;

use super::enqueue::{PendingJob, insert_job};
use crate::{
    access::Actor,
    clock::Timestamp,
    db::DbError,
    id::{OrganizationId, Uuid},
    job::NewJob,
    outbox::DeliveryQueue,
};

/// The key of a job that a schedule enqueues: one of them waits at a time.
const KEY: &str = "schedule";

/// A schedule whose time has come.
#[derive(Clone, Debug)]
pub struct DueSchedule {
    /// The organization.
    pub organization: OrganizationId,
    /// The rule that its time was computed from.
    pub rule: String,
    /// Its time.
    pub due: Timestamp,
    /// The organization's time zone, if it has set one.
    pub timezone: Option<String>,
}

/// An organization without the schedule, or with one of another rule.
#[derive(Clone, Debug)]
pub struct OutdatedSchedule {
    /// The organization.
    pub organization: OrganizationId,
    /// Its time zone, if it has set one.
    pub timezone: Option<String>,
}

impl DeliveryQueue {
    /// Up to `limit` schedules of this job whose time has come, in organizations that are not suspended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due_schedules(&self, job: &str, limit: u32) -> Result<Vec<DueSchedule>, DbError> {
        let rows = self.database().read_global();
        let found = rows.connection().query(
            "SELECT d.stream_id, d.event_name, d.next_attempt_at, a.timezone
             FROM event_deliveries d
             JOIN active_organizations a ON a.organization_id = d.stream_id
             WHERE d.listener = $1 AND d.number = 0
               AND d.next_attempt_at <= $2
             ORDER BY d.next_attempt_at LIMIT $3",
            [job.into(), self.now().into(), i64::from(limit).into()],
        );
        let due = |row: &QueryResult| -> Result<DueSchedule, DbError> {
            Ok(DueSchedule {
                organization: row.try_get("", "stream_id")?,
                rule: row.try_get("", "event_name")?,
                due: row.try_get("", "next_attempt_at")?,
                timezone: row.try_get("", "timezone")?,
            })
        };
        found.await?.iter().map(due).collect()
    }

    /// Up to `limit` organizations that are not suspended, and whose schedule of this job is missing or
    /// of another rule than the expression in the organization's time zone: its rule is `EXPRESSION ZONE`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn outdated_schedules(
        &self,
        job: &str,
        expression: &str,
        limit: u32,
    ) -> Result<Vec<OutdatedSchedule>, DbError> {
        let rows = self.database().read_global();
        let found = rows.connection().query(
            "SELECT a.organization_id, a.timezone FROM active_organizations a
             LEFT JOIN event_deliveries d
               ON d.listener = $1 AND d.stream_id = a.organization_id AND d.number = 0
             WHERE d.stream_id IS NULL
                OR d.event_name <> CAST($2 AS text) || ' ' || coalesce(a.timezone, 'UTC')
             LIMIT $3",
            [job.into(), expression.into(), i64::from(limit).into()],
        );
        let outdated = |row: &QueryResult| -> Result<OutdatedSchedule, DbError> {
            Ok(OutdatedSchedule {
                organization: row.try_get("", "organization_id")?,
                timezone: row.try_get("", "timezone")?,
            })
        };
        found.await?.iter().map(outdated).collect()
    }

    /// Sets the rule and the next time of an organization's schedule, unless it has the rule.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_schedule(
        &self,
        job: &str,
        organization: OrganizationId,
        rule: &str,
        next: Timestamp,
    ) -> Result<(), DbError> {
        let runtime = self.database().runtime();
        let connection = self.database().transaction(None, None).await?;
        let id: Uuid = runtime.new_id();
        let set = connection.query(
            "INSERT INTO event_deliveries (listener, stream_id, number, in_organization, event_id,
               event_name, recorded_at, attempts, next_attempt_at)
             SELECT $1, a.organization_id, $2, $3, $4, $5, $6, $7, $8
             FROM active_organizations a WHERE a.organization_id = $9
             ON CONFLICT (listener, stream_id, number) DO UPDATE
             SET event_name = excluded.event_name, next_attempt_at = excluded.next_attempt_at
             WHERE event_deliveries.event_name <> excluded.event_name",
            [
                job.into(),
                0_i64.into(),
                true.into(),
                id.into(),
                rule.into(),
                runtime.now().into(),
                0.into(),
                next.into(),
                organization.into(),
            ],
        );
        set.await?;
        connection.commit().await
    }

    /// Enqueues the job of a schedule whose time has come, and moves the schedule to its next time.
    /// False if another process did so.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fire(
        &self,
        schedule: &DueSchedule,
        next: Timestamp,
        job: NewJob,
    ) -> Result<bool, DbError> {
        let organization = schedule.organization;
        let holder = Some(organization.uuid());
        let connection = self
            .database()
            .transaction(Some(organization), holder)
            .await?;
        let moved = connection.query(
            "UPDATE event_deliveries SET next_attempt_at = $4
             WHERE listener = $1 AND stream_id = $2 AND number = $3 AND next_attempt_at = $5
               AND event_name = $6
             RETURNING number",
            [
                job.name.into(),
                organization.into(),
                0_i64.into(),
                next.into(),
                schedule.due.into(),
                schedule.rule.as_str().into(),
            ],
        );
        if moved.await?.is_empty() {
            return Ok(false);
        }
        let pending = PendingJob::new(organization, job.unique(KEY), self.database().runtime());
        insert_job(&connection, pending, &Actor::system()).await?;
        connection.commit().await?;
        Ok(true)
    }

    /// Enqueues the job of a schedule now, in one organization or in all; not in suspended ones. Returns
    /// their number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run_scheduled(
        &self,
        job: &NewJob,
        organization: Option<OrganizationId>,
    ) -> Result<u64, DbError> {
        let rows = self.database().read_global();
        let found = rows.connection().query(
            "SELECT organization_id FROM active_organizations ORDER BY organization_id",
            [],
        );
        let mut enqueued = 0;
        for row in found.await? {
            let of: OrganizationId = row.try_get("", "organization_id")?;
            if organization.is_some_and(|only| only != of) {
                continue;
            }
            let connection = self
                .database()
                .transaction(Some(of), Some(of.uuid()))
                .await?;
            let pending = PendingJob::new(of, job.clone().unique(KEY), self.database().runtime());
            insert_job(&connection, pending, &Actor::command_line()).await?;
            connection.commit().await?;
            enqueued += 1;
        }
        self.notify_others().await?;
        Ok(enqueued)
    }
}
