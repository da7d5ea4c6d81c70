//! A bus that records events.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tenantry_core::{
    event::{DomainEvent, Envelope},
    outbox::{DeliveryQueue, Publisher, Subscription},
};
use tenantry_domain_events::EventBus;

/// Records every published event, and passes it on to the listeners.
#[derive(Default)]
pub struct RecordingBus {
    published: Mutex<Vec<Envelope>>,
    bus: Arc<EventBus>,
}

impl RecordingBus {
    /// The bus to register listeners with.
    #[must_use]
    pub const fn bus(&self) -> &Arc<EventBus> {
        &self.bus
    }

    /// All published events, oldest first.
    ///
    /// # Panics
    /// When a test panicked while it held the lock.
    #[must_use]
    pub fn published(&self) -> Vec<Envelope> {
        self.published.lock().expect("not poisoned").clone()
    }

    /// The names of all published events, oldest first.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.published()
            .into_iter()
            .map(|event| event.name)
            .collect()
    }

    /// All events of one type, oldest first.
    ///
    /// # Panics
    /// When a payload does not match its name.
    #[must_use]
    pub fn of<E: DomainEvent>(&self) -> Vec<E> {
        let published = self.published();
        let events = published.iter().map(|envelope| envelope.decode::<E>());
        events
            .filter_map(|event| event.expect("the payload fits its name"))
            .collect()
    }
}

#[async_trait]
impl Publisher for RecordingBus {
    fn subscriptions(&self, event: &str) -> Vec<Subscription> {
        self.bus.subscriptions(event)
    }

    async fn publish(&self, queue: &DeliveryQueue, events: Vec<Envelope>) {
        self.published
            .lock()
            .expect("not poisoned")
            .extend(events.iter().cloned());
        self.bus.publish(queue, events).await;
    }

    async fn enqueued(&self, queue: &DeliveryQueue, jobs: Vec<&'static str>) {
        self.bus.enqueued(queue, jobs).await;
    }
}
