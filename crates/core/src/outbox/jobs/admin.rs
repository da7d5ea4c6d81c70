//! Jobs as an operator sees and manages them.

use sea_orm::QueryResult;

use crate::{
    clock::Timestamp,
    db::DbError,
    outbox::{DeadLetter, DeliveryQueue},
};

/// The jobs of one name that are not done.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct JobBacklog {
    /// The name.
    pub job: String,
    /// How many wait for their time.
    pub scheduled: i64,
    /// How many are due or in progress.
    pub due: i64,
    /// How many would be due, but for their organization, which is suspended.
    pub parked: i64,
    /// Since when the oldest of those is due that are due: how far their handler lags behind.
    pub oldest: Option<Timestamp>,
    /// How many of all these failed at least once.
    pub retries: i64,
    /// The number of dead letters.
    pub dead: i64,
    /// The next time of its schedule in any organization, if it has one.
    pub next: Option<Timestamp>,
}

impl JobBacklog {
    /// The backlog of a job of which none waits.
    #[must_use]
    pub fn none(job: &str) -> Self {
        Self {
            job: job.to_owned(),
            scheduled: 0,
            due: 0,
            parked: 0,
            oldest: None,
            retries: 0,
            dead: 0,
            next: None,
        }
    }
}

impl DeliveryQueue {
    /// The jobs that are not done, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn job_backlog(&self) -> Result<Vec<JobBacklog>, DbError> {
        let rows = self.database().read_global();
        let found = rows.connection().query(
            "SELECT q.listener,
                    sum(CASE WHEN waits AND NOT is_due THEN 1 ELSE 0 END) AS scheduled,
                    sum(CASE WHEN waits AND is_due AND is_active THEN 1 ELSE 0 END) AS due,
                    sum(CASE WHEN waits AND is_due AND NOT is_active THEN 1 ELSE 0 END) AS parked,
                    min(CASE WHEN waits AND is_due AND is_active THEN next_attempt_at END)
                      AS oldest,
                    sum(CASE WHEN waits AND attempts > 0 THEN 1 ELSE 0 END) AS retries,
                    count(dead_at) AS dead,
                    min(CASE WHEN number = 0 AND is_active THEN next_attempt_at END) AS next
             FROM (
               SELECT d.listener, d.number, d.attempts, d.next_attempt_at, d.dead_at,
                      d.number < 0 AND d.dead_at IS NULL AS waits,
                      d.next_attempt_at <= $1 AS is_due,
                      a.organization_id IS NOT NULL AS is_active
               FROM event_deliveries d
               LEFT JOIN active_organizations a ON a.organization_id = d.stream_id
               WHERE d.number <= 0
             ) q GROUP BY q.listener ORDER BY q.listener",
            [self.now().into()],
        );
        let backlog = |row: &QueryResult| -> Result<JobBacklog, DbError> {
            Ok(JobBacklog {
                job: row.try_get("", "listener")?,
                scheduled: row.try_get("", "scheduled")?,
                due: row.try_get("", "due")?,
                parked: row.try_get("", "parked")?,
                oldest: row.try_get("", "oldest")?,
                retries: row.try_get("", "retries")?,
                dead: row.try_get("", "dead")?,
                next: row.try_get("", "next")?,
            })
        };
        found.await?.iter().map(backlog).collect()
    }

    /// The dead letters of the jobs of one name or of all, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn dead_jobs(&self, job: Option<&str>) -> Result<Vec<DeadLetter>, DbError> {
        self.dead_letters_where("number < 0", job).await
    }

    /// The names of the jobs that are due.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due_jobs(&self) -> Result<Vec<String>, DbError> {
        let rows = self.database().read_global();
        let due = rows.connection().query(
            "SELECT DISTINCT listener FROM event_deliveries
             WHERE number < 0 AND dead_at IS NULL AND next_attempt_at <= $1",
            [self.now().into()],
        );
        let due = due.await?;
        let names = due.iter().map(|row| row.try_get("", "listener"));
        Ok(names.collect::<Result<_, _>>()?)
    }
}
