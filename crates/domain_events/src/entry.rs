//! A registered listener, without the type of its event.

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::FutureExt as _;
use metrics::counter;
use tenantry_core::{
    db::DbError,
    event::{DomainEvent, Envelope},
    id::Uuid,
    job::{Job, NewJob},
    outbox::{Delivery, DeliveryMode, DeliveryQueue, FailureOutcome, RetryPolicy, Subscription},
};
use tokio::{sync::Notify, time::timeout};

use crate::{
    EventRelay, JobHandler, Listener, Unrecoverable,
    erased::{ErasedListener, RelayListener, TypedHandler, TypedListener},
    schedule::Schedule,
};

/// What a listener gets.
enum Source {
    /// The events of this name.
    Event(&'static str),
    /// Every event.
    EveryEvent,
    /// The jobs of its name, and those of a schedule if there is one.
    Jobs(Option<Box<Scheduled>>),
}

/// A schedule, and the job that it enqueues.
struct Scheduled {
    schedule: Schedule,
    job: fn() -> NewJob,
}

/// A registered listener.
pub(crate) struct ListenerEntry {
    pub(crate) subscription: Subscription,
    source: Source,
    /// Wakes the listener's dispatcher in this process, if there is one.
    pub(crate) wake: Notify,
    /// Whether a delivery was left to the dispatcher because an earlier one is pending.
    pub(crate) has_backlog: AtomicBool,
    deadline: Duration,
    policy: RetryPolicy,
    listener: Box<dyn ErasedListener>,
    /// The organization whose jobs were claimed last.
    served_last: Mutex<Uuid>,
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
        let name = listener.name();
        let deadline = listener.deadline().unwrap_or(deadline);
        let typed = TypedListener::<E, _>::new(listener);
        Self::build(name, mode, Source::Event(E::NAME), deadline, typed)
    }

    pub(crate) fn relay(relay: impl EventRelay, deadline: Duration) -> Self {
        let (name, mode) = (relay.name(), DeliveryMode::Background);
        let relay = RelayListener(relay);
        Self {
            policy: RetryPolicy::Unlimited,
            ..Self::build(name, mode, Source::EveryEvent, deadline, relay)
        }
    }

    pub(crate) fn handler<J: Job>(handler: impl JobHandler<J>, deadline: Duration) -> Self {
        let deadline = handler.deadline().unwrap_or(deadline);
        let typed = TypedHandler::<J, _>::new(handler);
        let mode = DeliveryMode::Background;
        Self::build(J::NAME, mode, Source::Jobs(None), deadline, typed)
    }

    pub(crate) fn scheduled<J: Job + Default>(
        handler: impl JobHandler<J>,
        expression: &'static str,
        deadline: Duration,
    ) -> Self {
        let scheduled = Scheduled {
            schedule: Schedule::new(expression),
            job: || NewJob::of(&J::default()),
        };
        Self {
            source: Source::Jobs(Some(Box::new(scheduled))),
            ..Self::handler(handler, deadline)
        }
    }

    fn build(
        listener: &'static str,
        mode: DeliveryMode,
        source: Source,
        deadline: Duration,
        erased: impl ErasedListener + 'static,
    ) -> Self {
        Self {
            subscription: Subscription { listener, mode },
            source,
            wake: Notify::new(),
            has_backlog: AtomicBool::new(false),
            deadline,
            policy: RetryPolicy::Limited,
            listener: Box::new(erased),
            served_last: Mutex::new(Uuid::nil()),
        }
    }

    pub(crate) fn accepts(&self, event: &str) -> bool {
        match self.source {
            Source::Event(accepted) => accepted == event,
            Source::EveryEvent => true,
            Source::Jobs(_) => false,
        }
    }

    /// Whether it is a handler of jobs.
    pub(crate) const fn is_of_jobs(&self) -> bool {
        matches!(self.source, Source::Jobs(_))
    }

    /// The schedule, and the job that it enqueues.
    pub(crate) fn schedule(&self) -> Option<(&Schedule, NewJob)> {
        match &self.source {
            Source::Jobs(Some(scheduled)) => Some((&scheduled.schedule, (scheduled.job)())),
            _ => None,
        }
    }

    /// Claims jobs of organizations that follow the one that was served last, so that each has its turn.
    pub(crate) async fn claim_jobs(
        &self,
        queue: &DeliveryQueue,
        organizations: u16,
    ) -> Result<Vec<Vec<Delivery>>, DbError> {
        let after = *self.served_last.lock().expect("nothing panics under it");
        let claimed = queue.claim_jobs(self.name(), after, organizations).await?;
        if let Some(last) = claimed.last().and_then(|batch| batch.first()) {
            *self.served_last.lock().expect("nothing panics under it") = last.stream;
        }
        Ok(claimed)
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
            if delivery.is_job() {
                return self.discard(queue, delivery).await;
            }
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
            Ok(Ok(Ok(()))) => {
                self.count("done");
                return Outcome::Handled;
            }
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

    /// Drops a job that went with its organization.
    async fn discard(&self, queue: &DeliveryQueue, delivery: &Delivery) -> Outcome {
        match queue.discard_orphan(delivery).await {
            Ok(true) => Outcome::Handled,
            Ok(false) => {
                self.release(queue, std::slice::from_ref(delivery)).await;
                Outcome::Failed
            }
            Err(error) => {
                let job = self.name();
                // Not released: the lease serves as a backoff.
                tracing::warn!(job, %error, "a job that is gone could not be dropped");
                Outcome::Failed
            }
        }
    }

    /// Counts the end of an attempt at a job.
    fn count(&self, outcome: &'static str) {
        if self.is_of_jobs() {
            let labels = [("job", self.name()), ("outcome", outcome)];
            counter!("tenantry_jobs_total", &labels).increment(1);
        }
    }

    async fn failed_job(
        &self,
        queue: &DeliveryQueue,
        delivery: &Delivery,
        problem: &str,
        policy: RetryPolicy,
    ) -> Outcome {
        let (job, organization) = (self.name(), delivery.stream);
        match queue.fail(delivery, problem, policy).await {
            // Its commit succeeded after the deadline, or another process handled it first.
            Ok(None) => return Outcome::Handled,
            Ok(Some(FailureOutcome::Retry)) => {
                self.count("retried");
                tracing::warn!(job, %organization, problem, "a job failed; it will be retried");
            }
            Ok(Some(FailureOutcome::DeadLettered)) => {
                self.count("dead");
                tracing::error!(
                    job, %organization, problem,
                    "a job failed for the last time: see `tenantry jobs status`"
                );
            }
            Err(error) => tracing::error!(
                job, %organization, problem, %error,
                "a job failed, and the failure could not be recorded"
            ),
        }
        Outcome::Failed
    }

    async fn failed(
        &self,
        queue: &DeliveryQueue,
        delivery: &Delivery,
        problem: &str,
        policy: RetryPolicy,
    ) -> Outcome {
        if self.is_of_jobs() {
            return self.failed_job(queue, delivery, problem, policy).await;
        }
        let event = match self.source {
            Source::Event(event) => Some(event),
            _ => None,
        };
        let (listener, number) = (self.name(), delivery.number);
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
