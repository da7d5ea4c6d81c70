//! The jobs of all organizations, for operators.

use std::sync::Arc;

use tenantry_core::{
    db::DbError,
    id::OrganizationId,
    outbox::{DeadLetter, DeliveryQueue, JobBacklog},
};

use crate::{EventBus, entry::ListenerEntry};

/// Jobs dropped at a time.
const BATCH: u32 = 1_000;

/// The jobs that the handlers of this program do, and those without a handler. Cheap to clone.
#[derive(Clone)]
pub struct JobOperations {
    queue: DeliveryQueue,
    handlers: Vec<Arc<ListenerEntry>>,
}

/// The jobs of one name.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct JobStatus {
    /// What is not done.
    #[serde(flatten)]
    pub backlog: JobBacklog,
    /// The cron expression of its schedule, if it has one.
    pub schedule: Option<&'static str>,
    /// Whether this program has a handler for it.
    pub has_handler: bool,
}

impl JobOperations {
    /// Those of the handlers that the bus has.
    #[must_use]
    pub fn of(bus: &EventBus, queue: DeliveryQueue) -> Self {
        let handlers = bus.handlers();
        Self { queue, handlers }
    }

    fn handler(&self, job: &str) -> Option<&ListenerEntry> {
        let mut handlers = self.handlers.iter();
        handlers
            .find(|handler| handler.name() == job)
            .map(|it| &**it)
    }

    /// Whether this program has a handler for the job.
    #[must_use]
    pub fn has_handler(&self, job: &str) -> bool {
        self.handler(job).is_some()
    }

    /// The cron expression of the job's schedule, if it has one.
    #[must_use]
    pub fn schedule(&self, job: &str) -> Option<&'static str> {
        let (schedule, _) = self.handler(job)?.schedule()?;
        Some(schedule.expression())
    }

    /// The jobs that are not done, by name, including names of which none waits. A job without a handler
    /// is included while some wait.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn status(&self) -> Result<Vec<JobStatus>, DbError> {
        let mut backlog = self.queue.job_backlog().await?;
        for handler in &self.handlers {
            if backlog.iter().all(|known| known.job != handler.name()) {
                backlog.push(JobBacklog::none(handler.name()));
            }
        }
        backlog.sort_by(|one, other| one.job.cmp(&other.job));
        let status = backlog.into_iter().map(|mut backlog| {
            let schedule = self.schedule(&backlog.job);
            // The times of a schedule that was removed pass without effect.
            backlog.next = backlog.next.filter(|_| schedule.is_some());
            JobStatus {
                schedule,
                has_handler: self.has_handler(&backlog.job),
                backlog,
            }
        });
        Ok(status.collect())
    }

    /// The dead letters of one job, or of all, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn dead_letters(&self, job: Option<&str>) -> Result<Vec<DeadLetter>, DbError> {
        self.queue.dead_jobs(job).await
    }

    /// Requeues the dead letters of a job, and returns their number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn retry(&self, job: &str) -> Result<u64, DbError> {
        self.queue.requeue_dead_letters(job).await
    }

    /// Enqueues a scheduled job now, in one organization or in all, and returns their number; the
    /// schedule stays as it is. `None` if the job has no schedule.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run(
        &self,
        job: &str,
        organization: Option<OrganizationId>,
    ) -> Result<Option<u64>, DbError> {
        let scheduled = self.handler(job).and_then(ListenerEntry::schedule);
        match scheduled {
            Some((_, job)) => self.queue.run_scheduled(&job, organization).await.map(Some),
            None => Ok(None),
        }
    }

    /// Drops the jobs and the schedules of a name that this program has no handler for; nothing if it
    /// has one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget(&self, job: &str) -> Result<u64, DbError> {
        let mut dropped = 0;
        while !self.has_handler(job) {
            let batch = self.queue.discard_jobs(job, BATCH).await?;
            dropped += batch;
            if batch < u64::from(BATCH) {
                break;
            }
        }
        Ok(dropped)
    }
}
