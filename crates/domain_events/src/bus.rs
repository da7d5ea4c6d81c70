//! The bus: who listens to what, and the short way from a commit to a listener.

use std::{
    sync::{
        Arc, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures_util::future::join_all;
use tenantry_core::{
    event::{DomainEvent, Envelope},
    outbox::{Delivery, DeliveryMode, DeliveryQueue, Publisher, Subscription},
};

use crate::{
    EventRelay, Listener,
    entry::{ListenerEntry, Outcome},
};

/// How long one attempt may take.
const DEADLINE: Duration = Duration::from_secs(5);

/// The listeners of this program.
///
/// They are registered at start-up. Right after a commit, it tells those that are told inline;
/// the others, and whatever failed, are the [`Dispatcher`](crate::Dispatcher)'s.
pub struct EventBus {
    listeners: RwLock<Vec<Arc<ListenerEntry>>>,
    dispatchers: AtomicUsize,
    deadline: Duration,
}

impl Default for EventBus {
    fn default() -> Self {
        Self {
            listeners: RwLock::default(),
            dispatchers: AtomicUsize::new(0),
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

    /// A bus that gives up an attempt after this time, and not after the usual five seconds.
    #[must_use]
    pub fn with_deadline(deadline: Duration) -> Arc<Self> {
        Arc::new(Self {
            deadline,
            ..Self::default()
        })
    }

    /// Registers a listener. It is told of everything that is recorded from now on.
    ///
    /// # Panics
    /// When a listener of that name is registered already: names are how deliveries are told
    /// apart.
    pub fn subscribe<E: DomainEvent>(&self, timing: DeliveryMode, listener: impl Listener<E>) {
        self.register(ListenerEntry::new(timing, listener, self.deadline));
    }

    /// Registers a relay. It gets everything that is recorded from now on, whatever it is.
    ///
    /// # Panics
    /// As [`subscribe`](Self::subscribe) does.
    pub fn relay(&self, relay: impl EventRelay) {
        self.register(ListenerEntry::relay(relay, self.deadline));
    }

    fn register(&self, registered: ListenerEntry) {
        let name = registered.name();
        let mut listeners = self.listeners.write().expect("nothing panics under it");
        let taken = listeners.iter().any(|other| other.name() == name);
        if !taken {
            listeners.push(Arc::new(registered));
        }
        // A panic under the lock would silence everybody who listens already.
        drop(listeners);
        assert!(!taken, "a listener named {name} is registered already");
    }

    /// The names of all listeners.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.all().iter().map(|listener| listener.name()).collect()
    }

    pub(crate) fn all(&self) -> Vec<Arc<ListenerEntry>> {
        let listeners = self.listeners.read().expect("nothing panics under it");
        listeners.clone()
    }

    /// Counts the dispatchers of this process.
    pub(crate) fn dispatchers(&self) -> &AtomicUsize {
        &self.dispatchers
    }

    fn listeners_to(&self, event: &str) -> Vec<Arc<ListenerEntry>> {
        let listeners = self.listeners.read().expect("nothing panics under it");
        let wanted = listeners.iter().filter(|listener| listener.hears(event));
        wanted.cloned().collect()
    }
}

#[async_trait]
impl Publisher for EventBus {
    fn subscriptions(&self, event: &str) -> Vec<Subscription> {
        let listeners = self.listeners.read().expect("nothing panics under it");
        let wanted = listeners.iter().filter(|listener| listener.hears(event));
        wanted.map(|listener| listener.subscription).collect()
    }

    /// Tells those who are told inline, side by side: one that hangs delays no other. The others
    /// are left to the dispatcher.
    async fn publish(&self, queue: &DeliveryQueue, events: Vec<Envelope>) {
        let mut inline: Vec<(Arc<ListenerEntry>, Vec<&Envelope>)> = Vec::new();
        let mut left = false;
        for envelope in &events {
            for listener in self.listeners_to(&envelope.name) {
                if listener.subscription.timing == DeliveryMode::Background {
                    listener.wake.notify_one();
                    left = true;
                    continue;
                }
                match inline
                    .iter_mut()
                    .find(|(it, _)| it.name() == listener.name())
                {
                    Some((_, events)) => events.push(envelope),
                    None => inline.push((listener, vec![envelope])),
                }
            }
        }
        let told = inline.iter().map(|(it, events)| tell(it, queue, events));
        left |= join_all(told).await.contains(&Outcome::FailureOutcome);
        // Only where nobody in this process does what is left: a notice makes commits queue up.
        if left
            && self.dispatchers.load(Ordering::Acquire) == 0
            && let Err(error) = queue.notify_others().await
        {
            tracing::warn!(%error, "other processes could not be woken");
        }
    }
}

/// Tells one listener of these events, in their order.
async fn tell(listener: &ListenerEntry, queue: &DeliveryQueue, events: &[&Envelope]) -> Outcome {
    let mut outcome = Outcome::Handled;
    for envelope in events {
        let delivery = Delivery::of(listener.name(), envelope);
        // One that comes before is under way elsewhere, or failed: this one has to wait for it.
        if !queue.is_head_of_stream(&delivery).await.unwrap_or(false) {
            listener.leave(queue, &[delivery]).await;
            outcome = Outcome::FailureOutcome;
            continue;
        }
        let envelope = Some((*envelope).clone());
        if listener.attempt(queue, &delivery, envelope).await == Outcome::FailureOutcome {
            outcome = Outcome::FailureOutcome;
        }
        if listener.left.load(Ordering::Acquire) {
            listener.wake.notify_one();
        }
    }
    outcome
}
