//! The jobs of a unit of work.

use super::UnitOfWork;
use crate::{
    access::Grant,
    db::{DbError, connection::Connection},
    job::NewJob,
    outbox::{PendingJob, insert_job},
};

impl UnitOfWork {
    /// Enqueues a job of the grant's organization. It is committed with the unit of work or not at all,
    /// and its handler gets the context of that organization.
    pub fn enqueue<P>(&mut self, grant: &Grant<P>, job: impl Into<NewJob>) {
        let runtime = self.database.runtime();
        let job = PendingJob::new(grant.organization(), job.into(), runtime);
        self.jobs.push(job);
    }

    /// The names of the jobs that are due with the commit.
    pub(super) fn due_jobs(&self) -> Vec<&'static str> {
        let mut due: Vec<_> = self.jobs.iter().filter_map(PendingJob::due_now).collect();
        due.sort_unstable();
        due.dedup();
        due
    }

    pub(super) async fn insert_jobs(&mut self, connection: &Connection) -> Result<(), DbError> {
        for job in std::mem::take(&mut self.jobs) {
            let organization = Some(job.organization);
            if self.organization != organization {
                self.database.set_tenant(connection, organization).await?;
                self.organization = organization;
            }
            insert_job(connection, job, &self.actor).await?;
        }
        Ok(())
    }
}
