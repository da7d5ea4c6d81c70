//! Pruning what was kept long enough, for as long as the server runs.

use std::time::Duration;

use tenantry_core::outbox::DeliveryQueue;
use tenantry_domain_events::Retention;
use tokio::time::{MissedTickBehavior, interval};

/// How often to look for it.
const EVERY: Duration = Duration::from_secs(3600);

/// Prunes at once, and then every hour, until it is dropped.
pub(super) async fn keep(queue: DeliveryQueue, retention: Retention) {
    let mut hours = interval(EVERY);
    hours.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        hours.tick().await;
        match retention.prune(&queue).await {
            Ok(pruned) if pruned.is_nothing() => {}
            Ok(pruned) => tracing::info!(?pruned, "what was kept long enough was pruned"),
            Err(error) => tracing::warn!(%error, "the log of events could not be pruned"),
        }
    }
}
