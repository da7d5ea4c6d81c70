//! The seam between the outbox and the event bus.

use async_trait::async_trait;

use super::DeliveryQueue;
use crate::event::Envelope;

/// Somebody who listens to events of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The listener's stable name.
    pub listener: &'static str,
    /// When he is told.
    pub timing: DeliveryMode,
}

/// When a listener is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryMode {
    /// Right after the commit; whoever commits waits, and so reads what his write brought about.
    Inline,
    /// Soon, by the dispatcher; nobody waits.
    Background,
}

/// Who knows the listeners, and tells them once events are committed.
#[async_trait]
pub trait Publisher: Send + Sync + 'static {
    /// Who listens to events of this name. Each of them gets the event, come what may: the
    /// transaction that records it also notes that he is to be told.
    fn subscriptions(&self, event: &str) -> Vec<Subscription>;

    /// Told right after the commit. What fails here, or is not done, is not lost: it stays in
    /// the queue.
    async fn publish(&self, queue: &DeliveryQueue, events: Vec<Envelope>);
}
