//! A broker in memory, which can be made unavailable.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use tenantry_core::{event::Envelope, id::Uuid};
use tenantry_domain_events::{EventRelay, ListenerError};

/// A broker and the relay to it.
#[derive(Clone, Default)]
pub(crate) struct Broker {
    received: Arc<Mutex<Vec<Envelope>>>,
    pub(crate) is_down: Arc<AtomicBool>,
}

impl Broker {
    pub(crate) fn received(&self) -> Vec<Envelope> {
        self.received.lock().expect("not poisoned").clone()
    }

    /// The numbers of the events of one stream, in order of arrival.
    pub(crate) fn numbers(&self, stream: Uuid) -> Vec<i64> {
        let received = self.received().into_iter();
        received
            .filter(|it| it.stream_id == stream)
            .map(|it| it.number)
            .collect()
    }
}

#[async_trait]
impl EventRelay for Broker {
    fn name(&self) -> &'static str {
        "relay.test"
    }

    async fn publish(&self, envelope: &Envelope) -> Result<(), ListenerError> {
        if self.is_down.load(Ordering::SeqCst) {
            return Err("the broker is down".into());
        }
        let mut received = self.received.lock().expect("not poisoned");
        received.push(envelope.clone());
        Ok(())
    }
}
