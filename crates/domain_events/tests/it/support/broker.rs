//! A broker that remembers what it was handed, and can be away.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use tenantry_core::{event::Envelope, id::Uuid};
use tenantry_domain_events::{EventRelay, ListenerError};

/// A broker, and a relay to it.
#[derive(Clone, Default)]
pub(crate) struct Broker {
    got: Arc<Mutex<Vec<Envelope>>>,
    pub(crate) away: Arc<AtomicBool>,
}

impl Broker {
    pub(crate) fn got(&self) -> Vec<Envelope> {
        self.got.lock().expect("not poisoned").clone()
    }

    /// The numbers of the events of one stream, in the order of their coming.
    pub(crate) fn numbers(&self, stream: Uuid) -> Vec<i64> {
        let got = self.got().into_iter();
        got.filter(|it| it.stream_id == stream)
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
        if self.away.load(Ordering::SeqCst) {
            return Err("the broker is away".into());
        }
        let mut got = self.got.lock().expect("not poisoned");
        got.push(envelope.clone());
        Ok(())
    }
}
