//! A listener as the bus knows it: without the type of its event.

use std::{
    marker::PhantomData,
    panic::AssertUnwindSafe,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use async_trait::async_trait;
use futures_util::FutureExt as _;
use metrics::counter;
use tenantry_core::{
    event::{DomainEvent, Envelope},
    outbox::{
        Attempt, Delivery, DeliveryMode, DeliveryQueue, FailureOutcome, RetryPolicy, Subscription,
    },
};
use tokio::{sync::Notify, time::timeout};

use crate::{EventContext, EventRelay, Listener, ListenerError, relay::RelayListener};

/// A registered listener.
pub(crate) struct ListenerEntry {
    pub(crate) subscription: Subscription,
    /// The one event that it hears; a relay hears every one.
    event: Option<&'static str>,
    /// Wakes the listener's dispatcher in this process, if there is one.
    pub(crate) wake: Notify,
    /// Whether something was left to the dispatcher that was not its turn yet.
    pub(crate) left: AtomicBool,
    deadline: Duration,
    patience: RetryPolicy,
    listener: Box<dyn ErasedListener>,
}

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was handled, now or before.
    Handled,
    /// It was not, and the queue knows.
    FailureOutcome,
}

impl ListenerEntry {
    pub(crate) fn new<E: DomainEvent>(
        timing: DeliveryMode,
        listener: impl Listener<E>,
        deadline: Duration,
    ) -> Self {
        Self {
            subscription: Subscription {
                listener: listener.name(),
                timing,
            },
            event: Some(E::NAME),
            wake: Notify::new(),
            left: AtomicBool::new(false),
            deadline,
            patience: RetryPolicy::Limited,
            listener: Box::new(TypedListener {
                listener,
                event: PhantomData,
            }),
        }
    }

    pub(crate) fn relay(relay: impl EventRelay, deadline: Duration) -> Self {
        Self {
            subscription: Subscription {
                listener: relay.name(),
                timing: DeliveryMode::Background,
            },
            event: None,
            wake: Notify::new(),
            left: AtomicBool::new(false),
            deadline,
            patience: RetryPolicy::Unlimited,
            listener: Box::new(RelayListener(relay)),
        }
    }

    pub(crate) fn hears(&self, event: &str) -> bool {
        self.event.is_none_or(|heard| heard == event)
    }

    pub(crate) const fn name(&self) -> &'static str {
        self.subscription.listener
    }

    pub(crate) const fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Leaves deliveries to whoever dispatches.
    pub(crate) async fn leave(&self, queue: &DeliveryQueue, batch: &[Delivery]) {
        if let Err(error) = queue.release(batch).await {
            // The lease runs out by itself.
            tracing::warn!(listener = self.name(), %error, "deliveries could not be given back");
        }
        self.left.store(true, Ordering::Release);
        self.wake.notify_one();
    }

    /// Tells the listener of one event, which must be its turn. A listener that fails, panics or
    /// does not end in time is told again later.
    pub(crate) async fn attempt(
        &self,
        queue: &DeliveryQueue,
        delivery: &Delivery,
        envelope: Option<Envelope>,
    ) -> Outcome {
        let Some(envelope) = envelope else {
            let problem = "the event is not in the log any more";
            // To wait for it would be to wait for ever.
            let patience = match self.patience {
                RetryPolicy::Unlimited => RetryPolicy::Never,
                patience => patience,
            };
            return self.failed(queue, delivery, problem, patience).await;
        };
        if queue.is_exhausted_by(delivery, self.patience) {
            let problem = "the process ended in each attempt";
            return self.failed(queue, delivery, problem, self.patience).await;
        }
        let attempt = queue.begin(delivery, &envelope);
        let told = AssertUnwindSafe(self.listener.on(attempt, envelope)).catch_unwind();
        let problem = match timeout(self.deadline, told).await {
            Ok(Ok(Ok(()))) => return Outcome::Handled,
            Ok(Ok(Err(error))) => whole(&*error),
            Ok(Err(_)) => "it panicked".to_owned(),
            Err(_) => "it did not finish in time".to_owned(),
        };
        self.failed(queue, delivery, &problem, self.patience).await
    }

    async fn failed(
        &self,
        queue: &DeliveryQueue,
        delivery: &Delivery,
        problem: &str,
        patience: RetryPolicy,
    ) -> Outcome {
        let (listener, event, number) = (self.name(), self.event, delivery.number);
        let stream = delivery.stream;
        match queue.fail(delivery, problem, patience).await {
            // Its commit came through after the deadline, or another process was quicker.
            Ok(None) => return Outcome::Handled,
            Ok(Some(FailureOutcome::Retry)) => {
                counter!("events_retries_total", "listener" => listener).increment(1);
                tracing::warn!(
                    listener, event, %stream, number, problem, "a listener failed; it is told again"
                );
            }
            Ok(Some(FailureOutcome::DeadLettered)) => tracing::error!(
                listener, event, %stream, number, problem,
                "a listener failed for the last time: see `tenantry events dead`"
            ),
            Err(error) => tracing::error!(
                listener, event, %stream, number, problem, %error,
                "a listener failed, and that could not be noted"
            ),
        }
        Outcome::FailureOutcome
    }
}

/// An error with its causes.
fn whole(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// A listener without its type.
#[async_trait]
pub(crate) trait ErasedListener: Send + Sync {
    async fn on(&self, attempt: Attempt, envelope: Envelope) -> Result<(), ListenerError>;
}

struct TypedListener<E, L> {
    listener: L,
    event: PhantomData<fn() -> E>,
}

#[async_trait]
impl<E: DomainEvent, L: Listener<E>> ErasedListener for TypedListener<E, L> {
    async fn on(&self, attempt: Attempt, envelope: Envelope) -> Result<(), ListenerError> {
        let Some(event) = envelope.decode::<E>()? else {
            // Not passed over: while versions change, another process may know it.
            let (version, known) = (envelope.version, E::VERSION);
            return Err(format!("version {version} came, and this reads {known}").into());
        };
        let mut handling = EventContext::<E::Stream>::new(attempt, envelope);
        match self.listener.on(event, &mut handling).await {
            Err(_) if handling.work().was_already_handled() => Ok(()),
            Err(error) => Err(error),
            Ok(()) => Ok(handling.finish().await?),
        }
    }
}
