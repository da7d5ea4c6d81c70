//! A bus that remembers.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tenantry_core::{
    event::{DomainEvent, Envelope},
    outbox::{DeliveryQueue, Publisher, Subscription},
};
use tenantry_domain_events::EventBus;

/// Remembers every event that was told, and tells it on to the listeners.
#[derive(Default)]
pub struct RecordingBus {
    told: Mutex<Vec<Envelope>>,
    bus: Arc<EventBus>,
}

impl RecordingBus {
    /// The bus to register listeners at.
    #[must_use]
    pub const fn bus(&self) -> &Arc<EventBus> {
        &self.bus
    }

    /// Everything that was told, oldest first.
    ///
    /// # Panics
    /// When a test panicked while it held the record.
    #[must_use]
    pub fn told(&self) -> Vec<Envelope> {
        self.told.lock().expect("not poisoned").clone()
    }

    /// The names of everything that was told, oldest first.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.told().into_iter().map(|event| event.name).collect()
    }

    /// All events of one type, oldest first.
    ///
    /// # Panics
    /// When an event does not hold what its name promises.
    #[must_use]
    pub fn of<E: DomainEvent>(&self) -> Vec<E> {
        let told = self.told();
        let events = told.iter().map(|envelope| envelope.decode::<E>());
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
        self.told
            .lock()
            .expect("not poisoned")
            .extend(events.iter().cloned());
        self.bus.publish(queue, events).await;
    }
}
