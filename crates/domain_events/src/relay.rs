//! Forwarding events to an external broker.

use async_trait::async_trait;
use tenantry_core::event::Envelope;

use crate::ListenerError;

/// Forwards every event to a broker, including types added later.
///
/// It receives envelopes and no context, so it can't reach any rows. The events of a stream come
/// one at a time and in order, even with several processes. An event is repeated when its process
/// died, or timed out, before the database recorded the delivery; a relay must deduplicate by the
/// envelope's id.
///
/// Retries never end. After an error the same event is retried within half a minute, and its
/// stream waits for it: a relay must transform an event that the broker would always reject.
#[async_trait]
pub trait EventRelay: Send + Sync + 'static {
    /// The relay's stable name, `relay.broker`. Deliveries are stored under it.
    fn name(&self) -> &'static str;

    /// Publishes one event. It returns when the broker has acknowledged it.
    async fn publish(&self, envelope: &Envelope) -> Result<(), ListenerError>;
}
