//! The bus: the registered listeners, and inline delivery after a commit.

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
    job::Job,
    outbox::{Delivery, DeliveryMode, DeliveryQueue, Publisher, Subscription},
};

use crate::{
    EventRelay, JobHandler, Listener,
    entry::{ListenerEntry, Outcome},
};

/// The default time limit of one attempt.
const DEADLINE: Duration = Duration::from_secs(5);

/// The listeners of this program.
///
/// They are registered at start-up. Right after a commit, the bus calls the inline listeners;
/// background deliveries, and failed ones, are left to the [`Dispatcher`](crate::Dispatcher).
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
    /// A bus without listeners.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// A bus with another time limit for an attempt than the default of five seconds.
    #[must_use]
    pub fn with_deadline(deadline: Duration) -> Arc<Self> {
        Arc::new(Self {
            deadline,
            ..Self::default()
        })
    }

    /// Registers a listener. It receives every event recorded from now on.
    ///
    /// # Panics
    /// When a listener of that name is registered already: deliveries are stored by name.
    pub fn subscribe<E: DomainEvent>(&self, mode: DeliveryMode, listener: impl Listener<E>) {
        self.register(ListenerEntry::new(mode, listener, self.deadline));
    }

    /// Registers a relay. It receives every event recorded from now on, of every type.
    ///
    /// # Panics
    /// As [`subscribe`](Self::subscribe) does.
    pub fn relay(&self, relay: impl EventRelay) {
        self.register(ListenerEntry::relay(relay, self.deadline));
    }

    /// Registers the handler of a type of job, which gets the jobs that units of work enqueue.
    ///
    /// # Panics
    /// When a handler or a listener of the job's name is registered already.
    pub fn handle<J: Job>(&self, handler: impl JobHandler<J>) {
        self.register(ListenerEntry::handler(handler, self.deadline));
    }

    /// Registers the handler of a type of job, as [`handle`](Self::handle) does, and enqueues a default
    /// job in every organization by this cron expression: minute, hour, day of the month, month and day
    /// of the week, in the organization's time zone.
    ///
    /// # Panics
    /// As [`handle`](Self::handle), and when the expression is not valid.
    pub fn schedule<J: Job + Default>(
        &self,
        expression: &'static str,
        handler: impl JobHandler<J>,
    ) {
        self.register(ListenerEntry::scheduled(handler, expression, self.deadline));
    }

    fn register(&self, entry: ListenerEntry) {
        let name = entry.name();
        let mut listeners = self.listeners.write().expect("nothing panics under it");
        let taken = listeners.iter().any(|other| other.name() == name);
        if !taken {
            listeners.push(Arc::new(entry));
        }
        // A panic under the lock would poison it for all other listeners.
        drop(listeners);
        assert!(!taken, "a listener named {name} is registered already");
    }

    /// The names of all listeners.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        let listeners = self.all().into_iter();
        let listeners = listeners.filter(|listener| !listener.is_of_jobs());
        listeners.map(|listener| listener.name()).collect()
    }

    /// The names of all jobs with a handler.
    #[must_use]
    pub fn jobs(&self) -> Vec<&'static str> {
        self.handlers()
            .iter()
            .map(|handler| handler.name())
            .collect()
    }

    /// The handlers of jobs.
    pub(crate) fn handlers(&self) -> Vec<Arc<ListenerEntry>> {
        let mut handlers = self.all();
        handlers.retain(|entry| entry.is_of_jobs());
        handlers
    }

    /// The handlers of jobs with a schedule.
    pub(crate) fn scheduled(&self) -> Vec<Arc<ListenerEntry>> {
        let mut scheduled = self.all();
        scheduled.retain(|entry| entry.schedule().is_some());
        scheduled
    }

    pub(crate) fn all(&self) -> Vec<Arc<ListenerEntry>> {
        let listeners = self.listeners.read().expect("nothing panics under it");
        listeners.clone()
    }

    /// The number of dispatchers running in this process.
    pub(crate) fn dispatchers(&self) -> &AtomicUsize {
        &self.dispatchers
    }

    fn listeners_to(&self, event: &str) -> Vec<Arc<ListenerEntry>> {
        let listeners = self.listeners.read().expect("nothing panics under it");
        let matching = listeners.iter().filter(|listener| listener.accepts(event));
        matching.cloned().collect()
    }
}

#[async_trait]
impl Publisher for EventBus {
    fn subscriptions(&self, event: &str) -> Vec<Subscription> {
        let listeners = self.listeners.read().expect("nothing panics under it");
        let matching = listeners.iter().filter(|listener| listener.accepts(event));
        matching.map(|listener| listener.subscription).collect()
    }

    /// Calls the inline listeners concurrently, so that one that hangs delays no other. The rest is
    /// left to the dispatcher.
    async fn publish(&self, queue: &DeliveryQueue, events: Vec<Envelope>) {
        let mut inline: Vec<(Arc<ListenerEntry>, Vec<&Envelope>)> = Vec::new();
        let mut has_backlog = false;
        for envelope in &events {
            for listener in self.listeners_to(&envelope.name) {
                if listener.subscription.mode == DeliveryMode::Background {
                    listener.wake.notify_one();
                    has_backlog = true;
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
        let deliveries = inline
            .iter()
            .map(|(it, events)| deliver_inline(it, queue, events));
        has_backlog |= join_all(deliveries).await.contains(&Outcome::Failed);
        // Only when this process has no dispatcher: a notification serializes commits.
        if has_backlog
            && self.dispatchers.load(Ordering::Acquire) == 0
            && let Err(error) = queue.notify_others().await
        {
            tracing::warn!(%error, "other processes could not be notified");
        }
    }

    async fn enqueued(&self, queue: &DeliveryQueue, jobs: Vec<&'static str>) {
        for handler in self.handlers() {
            if jobs.contains(&handler.name()) {
                handler.wake.notify_one();
            }
        }
        if self.dispatchers.load(Ordering::Acquire) == 0
            && let Err(error) = queue.notify_others().await
        {
            tracing::warn!(%error, "other processes could not be notified");
        }
    }
}

/// Delivers these events to one listener, in order.
async fn deliver_inline(
    listener: &ListenerEntry,
    queue: &DeliveryQueue,
    events: &[&Envelope],
) -> Outcome {
    let mut outcome = Outcome::Handled;
    for envelope in events {
        let delivery = Delivery::of(listener.name(), envelope);
        // An earlier event of the stream is in progress elsewhere or failed; this one waits for it.
        if !queue.is_head_of_stream(&delivery).await.unwrap_or(false) {
            listener.release(queue, &[delivery]).await;
            outcome = Outcome::Failed;
            continue;
        }
        let envelope = Some((*envelope).clone());
        if listener.attempt(queue, &delivery, envelope).await == Outcome::Failed {
            outcome = Outcome::Failed;
        }
        if listener.has_backlog.load(Ordering::Acquire) {
            listener.wake.notify_one();
        }
    }
    outcome
}
