//! How long what happened is remembered.

use std::time::Duration;

use tenantry_core::{db::DbError, event::EventKind, outbox::DeliveryQueue};

/// How many rows one transaction takes: few enough that nobody waits for it.
const BATCH: u32 = 1_000;

/// How long each sort of entry is kept; nothing for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Changes: the audit log proper.
    pub changes: Option<Duration>,
    /// Sign-ins, refusals and operators' looks.
    pub access: Option<Duration>,
    /// Deliveries that were given up. For as long as one is kept, so is its event.
    pub dead: Option<Duration>,
}

/// How many rows went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Pruned {
    /// Changes.
    pub changes: u64,
    /// Sign-ins, refusals and looks.
    pub access: u64,
    /// Deliveries that were given up.
    pub dead: u64,
}

impl Pruned {
    /// Whether nothing was old enough.
    #[must_use]
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

impl Retention {
    /// Prunes whatever was kept long enough, batch by batch. Several processes may do it at once.
    ///
    /// # Errors
    /// When the database refuses; what was pruned before stays so.
    pub async fn prune(&self, queue: &DeliveryQueue) -> Result<Pruned, DbError> {
        // Dead letters first: their events can go with them.
        let dead = pruned(queue, PruneTarget::DeadLetters, self.dead).await?;
        let changes = pruned(queue, PruneTarget::Events(EventKind::Change), self.changes).await?;
        let access = pruned(queue, PruneTarget::Events(EventKind::Access), self.access).await?;
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
}

async fn pruned(
    queue: &DeliveryQueue,
    sort: PruneTarget,
    kept: Option<Duration>,
) -> Result<u64, DbError> {
    let Some(kept) = kept else {
        return Ok(0);
    };
    let before = queue.now() - kept;
    let mut all = 0;
    loop {
        let batch = match sort {
            PruneTarget::Events(kind) => queue.prune(kind, before, BATCH).await?,
            PruneTarget::DeadLetters => queue.prune_dead(before, BATCH).await?,
        };
        all += batch;
        if batch < u64::from(BATCH) {
            return Ok(all);
        }
    }
}
