//! How long events are kept.

use std::time::Duration;

use tenantry_core::{db::DbError, event::EventKind, outbox::DeliveryQueue};

/// How many rows one transaction deletes: few enough not to block other writers.
const BATCH: u32 = 1_000;

/// How long each kind of entry is kept; `None` keeps it for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Changes: the audit log proper.
    pub changes: Option<Duration>,
    /// Sign-ins, denials and views by operators.
    pub access: Option<Duration>,
    /// Dead letters, of events and of jobs. An event is kept as long as one of its dead letters.
    pub dead: Option<Duration>,
}

/// How many rows were pruned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Pruned {
    /// Changes.
    pub changes: u64,
    /// Sign-ins, denials and views.
    pub access: u64,
    /// Dead letters.
    pub dead: u64,
}

impl Pruned {
    /// Whether nothing was pruned.
    #[must_use]
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

impl Retention {
    /// Prunes what is past its retention, in batches. Several processes may prune concurrently.
    ///
    /// # Errors
    /// When the database fails; finished batches stay pruned.
    pub async fn prune(&self, queue: &DeliveryQueue) -> Result<Pruned, DbError> {
        // Dead letters first: their events can go with them.
        let dead = prune_all(queue, PruneTarget::DeadLetters, self.dead).await?
            + prune_all(queue, PruneTarget::DeadJobs, self.dead).await?;
        let changes =
            prune_all(queue, PruneTarget::Events(EventKind::Change), self.changes).await?;
        let access = prune_all(queue, PruneTarget::Events(EventKind::Access), self.access).await?;
        Ok(Pruned {
            changes,
            access,
            dead,
        })
    }
}

enum PruneTarget {
    Events(EventKind),
    DeadLetters,
    DeadJobs,
}

async fn prune_all(
    queue: &DeliveryQueue,
    target: PruneTarget,
    kept: Option<Duration>,
) -> Result<u64, DbError> {
    let Some(kept) = kept else {
        return Ok(0);
    };
    let before = queue.now() - kept;
    let mut total = 0;
    loop {
        let batch = match target {
            PruneTarget::Events(kind) => queue.prune(kind, before, BATCH).await?,
            PruneTarget::DeadLetters => queue.prune_dead(before, BATCH).await?,
            PruneTarget::DeadJobs => queue.prune_dead_jobs(before, BATCH).await?,
        };
        total += batch;
        if batch < u64::from(BATCH) {
            return Ok(total);
        }
    }
}
