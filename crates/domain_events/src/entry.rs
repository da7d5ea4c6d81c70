//! A registered listener, without the type of its event.

use std::{
    panic::AssertUnwindSafe,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use futures_util::FutureExt as _;
use metrics::counter;
use tenantry_core::{
    event::{DomainEvent, Envelope},
    outbox::{Delivery, DeliveryMode, DeliveryQueue, FailureOutcome, RetryPolicy, Subscription},
};
use tokio::{sync::Notify, time::timeout};

use crate::{
    EventRelay, Listener, Unrecoverable,
    erased::{ErasedListener, RelayListener, TypedListener},
};

/// A registered listener.
pub(crate) struct ListenerEntry {
    pub(crate) subscription: Subscription,
    /// The name of its event; none for a relay, which receives every event.
    event: Option<&'static str>,
    /// Wakes the listener's dispatcher in this process, if there is one.
    pub(crate) wake: Notify,
    /// Whether a delivery was left to the dispatcher because an earlier one is pending.
    pub(crate) has_backlog: AtomicBool,
    deadline: Duration,
    policy: RetryPolicy,
    listener: Box<dyn ErasedListener>,
}

/// The outcome of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The event is handled, now or earlier.
    Handled,
    /// The attempt failed, and the queue has recorded it.
    Failed,
}

impl ListenerEntry {
    pub(crate) fn new<E: DomainEvent>(
        mode: DeliveryMode,
        listener: impl Listener<E>,
        deadline: Duration,
    ) -> Self {
        Self {
            subscription: Subscription {
                listener: listener.name(),
                mode,
            },
            event: Some(E::NAME),
            wake: Notify::new(),
            has_backlog: AtomicBool::new(false),
            deadline: listener.deadline().unwrap_or(deadline),
            policy: RetryPolicy::Limited,
            listener: Box::new(TypedListener::<E, _>::new(listener)),
        }
    }

    pub(crate) fn relay(relay: impl EventRelay, deadline: Duration) -> Self {
        Self {
            subscription: Subscription {
                listener: relay.name(),
                mode: DeliveryMode::Background,
            },
            event: None,
            wake: Notify::new(),
            has_backlog: AtomicBool::new(false),
            deadline,
            policy: RetryPolicy::Unlimited,
            listener: Box::new(RelayListener(relay)),
        }
    }

    pub(crate) fn accepts(&self, event: &str) -> bool {
        self.event.is_none_or(|accepted| accepted == event)
    }

    pub(crate) const fn name(&self) -> &'static str {
        self.subscription.listener
    }

    pub(crate) const fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Releases deliveries to the dispatcher.
    pub(crate) async fn release(&self, queue: &DeliveryQueue, batch: &[Delivery]) {
        if let Err(error) = queue.release(batch).await {
            // The lease expires anyway.
            tracing::warn!(listener = self.name(), %error, "deliveries could not be released");
        }
        self.has_backlog.store(true, Ordering::Release);
        self.wake.notify_one();
    }

    /// Delivers one event, which must be the head of its stream. After an error, a panic or a
    /// timeout it is retried later.
    pub(crate) async fn attempt(
        &self,
        queue: &DeliveryQueue,
        delivery: &Delivery,
        envelope: Option<Envelope>,
    ) -> Outcome {
        let Some(envelope) = envelope else {
            let problem = "the event is not in the log any more";
            // It will never come back, so an unlimited retry would block the stream for ever.
            let policy = match self.policy {
                RetryPolicy::Unlimited => RetryPolicy::Never,
                policy => policy,
            };
            return self.failed(queue, delivery, problem, policy).await;
        };
        if queue.is_exhausted_by(delivery, self.policy) {
            let problem = "the process ended in each attempt";
            return self.failed(queue, delivery, problem, self.policy).await;
        }
        let attempt = queue.begin(delivery, &envelope);
        let handled = AssertUnwindSafe(self.listener.on(attempt, envelope)).catch_unwind();
        let mut policy = self.policy;
        let problem = match timeout(self.deadline, handled).await {
            Ok(Ok(Ok(()))) => return Outcome::Handled,
            Ok(Ok(Err(error))) => {
                if error.is::<Unrecoverable>() {
                    policy = RetryPolicy::Never;
                }
                error_chain(&*error)
            }
            Ok(Err(_)) => "it panicked".to_owned(),
            Err(_) => "it did not finish in time".to_owned(),
        };
        self.failed(queue, delivery, &problem, policy).await
    }

    async fn failed(
        &self,
        queue: &DeliveryQueue,
        delivery: &Delivery,
        problem: &str,
        policy: RetryPolicy,
    ) -> Outcome {
        let (listener, event, number) = (self.name(), self.event, delivery.number);
        let stream = delivery.stream;
        match queue.fail(delivery, problem, policy).await {
            // Its commit succeeded after the deadline, or another process handled it first.
            Ok(None) => return Outcome::Handled,
            Ok(Some(FailureOutcome::Retry)) => {
                counter!("events_retries_total", "listener" => listener).increment(1);
                tracing::warn!(
                    listener, event, %stream, number, problem, "a listener failed; the event will be retried"
                );
            }
            Ok(Some(FailureOutcome::DeadLettered)) => tracing::error!(
                listener, event, %stream, number, problem,
                "a listener failed for the last time: see `tenantry events dead`"
            ),
            Err(error) => tracing::error!(
                listener, event, %stream, number, problem, %error,
                "a listener failed, and the failure could not be recorded"
            ),
        }
        Outcome::Failed
    }
}

/// The messages of an error and its causes.
fn error_chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
