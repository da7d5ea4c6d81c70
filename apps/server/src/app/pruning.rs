//! Prunes expired events while the server runs.

use std::time::Duration;

use tenantry_core::outbox::DeliveryQueue;
use tenantry_domain_events::Retention;
use tokio::time::{MissedTickBehavior, interval};

/// Time between two runs.
const EVERY: Duration = Duration::from_secs(3600);

/// Prunes immediately, then every hour, until it is dropped.
pub(super) async fn run_pruning(queue: DeliveryQueue, retention: Retention) {
    let mut hours = interval(EVERY);
    hours.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        hours.tick().await;
        match retention.prune(&queue).await {
            Ok(pruned) if pruned.is_nothing() => {}
            Ok(pruned) => tracing::info!(?pruned, "expired events were pruned"),
            Err(error) => tracing::warn!(%error, "the log of events could not be pruned"),
        }
    }
}
