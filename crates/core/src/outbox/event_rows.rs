//! The rows that recording events inserts, shared by the statements of both databases.

use sea_orm::Value;

use super::{DeliveryMode, DeliveryQueue};
use crate::{
    access::ActedBy,
    clock::Timestamp,
    db::Database,
    event::{Changes, Details, Envelope},
};

/// The maximum number of events in one statement. Few units of work record more than two.
pub(crate) const MAX_EVENTS_PER_INSERT: usize = 100;

pub(super) const INSERT_EVENT: &str = "
    INSERT INTO event_log (stream_id, number, id, organization_id, name, version, kind,
                           actor_id, request_id, occurred_at, payload, acted_by, token_id,
                           token_name, changes, client_address, client_program, actor_name,
                           actor_email)";

pub(super) const INSERT_DELIVERY: &str = "
    INSERT INTO event_deliveries (listener, stream_id, number, in_organization, event_id,
                                  event_name, recorded_at, attempts, next_attempt_at,
                                  leased_by, leased_until)";

/// The values that differ between the events of one stream, without the name and the address of the
/// actor.
pub(super) const EVENT_VALUES: usize = 14;

/// The values of an event from its id to its client, and the name and the address of the actor if they
/// are not the present ones.
pub(super) fn event_values(event: &Envelope) -> ([Value; EVENT_VALUES], [Value; 2]) {
    let Details {
        by,
        identity,
        changes,
        client,
    } = &event.details;
    let token = match by {
        Some(ActedBy::Token { id, name }) => Some((*id, name.as_deref())),
        _ => None,
    };
    let changes = (!changes.is_empty()).then(|| json(changes));
    let address = client.as_ref().and_then(|client| client.address.clone());
    let program = client.as_ref().and_then(|client| client.program.clone());
    let values = [
        event.id.into(),
        event.name.clone().into(),
        i32::from(event.version).into(),
        event.kind.as_str().into(),
        event.actor_id.into(),
        event.request_id.into(),
        event.occurred_at.into(),
        event.payload.clone().into(),
        by.as_ref().map(ActedBy::as_str).into(),
        token.map(|(id, _)| id).into(),
        token.and_then(|(_, name)| name).into(),
        changes.into(),
        address.into(),
        program.into(),
    ];
    let name = identity.as_ref().map(|identity| identity.name.clone());
    let email = identity.as_ref().map(|identity| identity.email.clone());
    (values, [name.into(), email.into()])
}

fn json(changes: &Changes) -> serde_json::Value {
    serde_json::to_value(changes).expect("changes are plain data")
}

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
