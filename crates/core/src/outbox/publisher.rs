//! The seam between the outbox and the event bus.

use async_trait::async_trait;

use super::DeliveryQueue;
use crate::event::Envelope;

/// A listener of the events of one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The listener's stable name.
    pub listener: &'static str,
    /// When the listener is called.
    pub mode: DeliveryMode,
}

/// When a listener is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryMode {
    /// Right after the commit; the caller waits, and so reads what its write brought about.
    Inline,
    /// Soon, by the dispatcher; the caller does not wait.
    Background,
}

/// Knows the listeners, and calls them once events are committed.
#[async_trait]
pub trait Publisher: Send + Sync + 'static {
    /// The listeners of events of this name. Each of them gets the event: the transaction that
    /// records it also inserts a delivery for the listener.
    fn subscriptions(&self, event: &str) -> Vec<Subscription>;

    /// Called right after the commit. A delivery that fails here, or is not attempted, stays in the
    /// queue.
    async fn publish(&self, queue: &DeliveryQueue, events: Vec<Envelope>);
}
