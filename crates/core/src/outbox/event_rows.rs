//! The rows that recording events inserts, shared by the statements of both databases.

use sea_orm::Value;

use super::{DeliveryMode, DeliveryQueue};
use crate::{clock::Timestamp, db::Database, event::Envelope};

/// The maximum number of events in one statement. Few units of work record more than two.
pub(crate) const MAX_EVENTS_PER_INSERT: usize = 100;

pub(super) const INSERT_EVENT: &str = "
    INSERT INTO event_log (stream_id, number, id, organization_id, name, version, kind,
                           actor_id, request_id, occurred_at, payload)";

pub(super) const INSERT_DELIVERY: &str = "
    INSERT INTO event_deliveries (listener, stream_id, number, in_organization, event_id,
                                  event_name, recorded_at, attempts, next_attempt_at,
                                  leased_by, leased_until)";

/// A delivery to be inserted.
pub(crate) struct PendingDelivery {
    pub(super) event_index: usize,
    pub(super) listener: &'static str,
    /// An inline delivery is leased to this process from the start.
    pub(super) is_inline: bool,
}

/// The deliveries of these events to their listeners.
pub(crate) fn pending_deliveries(
    database: &Database,
    events: &[&mut Envelope],
) -> Vec<PendingDelivery> {
    let publisher = database.publisher();
    let mut deliveries = Vec::new();
    for (event_index, event) in events.iter().enumerate() {
        for subscription in publisher.subscriptions(&event.name) {
            deliveries.push(PendingDelivery {
                event_index,
                listener: subscription.listener,
                is_inline: subscription.mode == DeliveryMode::Inline,
            });
        }
    }
    deliveries
}

/// Now, and when a lease that starts now expires.
pub(super) fn lease_window(database: &Database) -> (Timestamp, Timestamp) {
    let now = database.runtime().now();
    (now, now + DeliveryQueue::LEASE)
}

/// The stream, the number of its new events, and its organization.
pub(super) fn stream_header(events: &[&mut Envelope]) -> [Value; 3] {
    let count = i64::try_from(events.len()).expect("a unit of work has few events");
    let first = &events[0];
    [
        first.stream_id.into(),
        count.into(),
        first.organization_id.into(),
    ]
}

/// Numbers the events, starting after `base`.
pub(crate) fn assign_numbers(events: &mut [&mut Envelope], base: i64) {
    for (event, number) in events.iter_mut().zip(base + 1..) {
        event.number = number;
    }
}
