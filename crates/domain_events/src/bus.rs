//! The in-process bus.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, RwLock},
    time::Duration,
};

use async_trait::async_trait;
use futures_util::FutureExt as _;
use tenantry_core::event::{DomainEvent, Envelope, Publisher};

use crate::{Listener, ListenerError};

/// How long a caller waits for one listener before he goes on without it.
const DEADLINE: Duration = Duration::from_secs(5);

/// Tells committed events to the listeners of this process.
///
/// Listeners are registered at start-up. A caller waits for them, so that he reads what his own
/// write brought about. One that fails, panics or hangs is logged and does not keep the others
/// from hearing.
pub struct EventBus {
    listeners: RwLock<Vec<Arc<dyn AnyListener>>>,
    deadline: Duration,
}

impl Default for EventBus {
    fn default() -> Self {
        Self {
            listeners: RwLock::default(),
            deadline: DEADLINE,
        }
    }
}

impl EventBus {
    /// A bus that nobody listens to yet.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// A bus that goes on without a listener after this time, and not after the usual five
    /// seconds.
    #[must_use]
    pub fn with_deadline(deadline: Duration) -> Arc<Self> {
        Arc::new(Self {
            deadline,
            ..Self::default()
        })
    }

    /// Registers a listener.
    ///
    /// # Panics
    /// When a listener of that name is registered already: names are how deliveries are told
    /// apart.
    pub fn subscribe<E: DomainEvent>(&self, listener: impl Listener<E>) {
        let name = listener.name();
        let typed = Typed {
            listener,
            event: std::marker::PhantomData,
        };
        let mut listeners = self.listeners.write().expect("nothing panics under it");
        let taken = listeners.iter().any(|other| other.name() == name);
        if !taken {
            listeners.push(Arc::new(typed));
        }
        // A panic under the lock would silence everybody who listens already.
        drop(listeners);
        assert!(!taken, "a listener named {name} is registered already");
    }

    fn listeners_to(&self, event: &str) -> Vec<Arc<dyn AnyListener>> {
        let listeners = self.listeners.read().expect("nothing panics under it");
        let wanted = listeners
            .iter()
            .filter(|listener| listener.event() == event);
        wanted.cloned().collect()
    }
}

#[async_trait]
impl Publisher for EventBus {
    async fn publish(&self, events: Vec<Envelope>) {
        for envelope in &events {
            for listener in self.listeners_to(&envelope.name) {
                tell(listener.as_ref(), envelope, self.deadline).await;
            }
        }
    }
}

async fn tell(listener: &dyn AnyListener, envelope: &Envelope, deadline: Duration) {
    let told = AssertUnwindSafe(listener.on(envelope)).catch_unwind();
    let problem = match tokio::time::timeout(deadline, told).await {
        Ok(Ok(Ok(()))) => return,
        Ok(Ok(Err(error))) => error.to_string(),
        Ok(Err(_)) => "it panicked".to_owned(),
        Err(_) => "it did not finish in time".to_owned(),
    };
    tracing::error!(
        listener = listener.name(),
        event = envelope.name,
        id = %envelope.id,
        problem,
        "a listener failed"
    );
}

/// A listener without its type.
#[async_trait]
trait AnyListener: Send + Sync {
    fn name(&self) -> &'static str;
    fn event(&self) -> &'static str;
    async fn on(&self, envelope: &Envelope) -> Result<(), ListenerError>;
}

struct Typed<E, L> {
    listener: L,
    event: std::marker::PhantomData<fn() -> E>,
}

#[async_trait]
impl<E: DomainEvent, L: Listener<E>> AnyListener for Typed<E, L> {
    fn name(&self) -> &'static str {
        self.listener.name()
    }

    fn event(&self) -> &'static str {
        E::NAME
    }

    async fn on(&self, envelope: &Envelope) -> Result<(), ListenerError> {
        match envelope.open::<E>()? {
            Some(event) => self.listener.on(event, envelope).await,
            None => Ok(()),
        }
    }
}
