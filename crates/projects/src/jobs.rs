//! The module's jobs.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tenantry_core::job::Job;
use tenantry_domain_events::{EventBus, JobContext, JobHandler, ListenerError};

use crate::{
    model::{ManageProjects, ProjectStatus},
    service::record_bulk_status,
    store,
};

/// Every night, in the time zone of the organization.
const NIGHTLY: &str = "30 3 * * *";

/// How many projects one job archives.
const BATCH: u64 = 100;

/// Archives the active projects of an organization that did not change for a while.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveIdle {}

impl Job for ArchiveIdle {
    const NAME: &'static str = "projects.archive_idle";
}

/// Registers the handlers of the module's jobs. Projects that did not change for this long are archived
/// every night; without it, none are.
pub fn handle_jobs(bus: &EventBus, archive_after: Option<Duration>) {
    let archiver = Archiver(archive_after);
    match archive_after {
        Some(_) => bus.schedule::<ArchiveIdle>(NIGHTLY, archiver),
        // Jobs of a time with the setting may wait.
        None => bus.handle::<ArchiveIdle>(archiver),
    }
}

struct Archiver(Option<Duration>);

#[async_trait]
impl JobHandler<ArchiveIdle> for Archiver {
    async fn run(&self, _: ArchiveIdle, context: &mut JobContext) -> Result<(), ListenerError> {
        let Some(idle_for) = self.0 else {
            return Ok(());
        };
        let grant = context.tenant_context().require::<ManageProjects>()?;
        // Committed together with the end of the job, so its effect happens once.
        let work = context.work();
        let now = work.runtime().now();
        let rows = work.tenant(&grant).await?;
        let idle = store::lock_idle(&rows, now - idle_for, BATCH).await?;
        if idle.is_empty() {
            return Ok(());
        }
        let ids = idle.iter().map(|project| project.id).collect();
        store::set_status(&rows, &ids, ProjectStatus::Archived, now).await?;
        record_bulk_status(work, &grant, &idle, ProjectStatus::Archived);
        if idle.len() as u64 == BATCH {
            // The rest is another job: other organizations have their turn in between.
            work.enqueue(&grant, ArchiveIdle {});
        }
        Ok(())
    }
}
