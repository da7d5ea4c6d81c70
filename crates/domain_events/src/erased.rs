//! Listeners and relays behind one trait, without the type of their event.

use std::marker::PhantomData;

use async_trait::async_trait;
use tenantry_core::{
    event::{DomainEvent, Envelope},
    id::OrganizationId,
    job::Job,
    outbox::Attempt,
};

use crate::{
    EventContext, EventRelay, JobContext, JobHandler, Listener, ListenerError,
    event_context::finish,
};

/// A listener with the type of its event erased.
#[async_trait]
pub(crate) trait ErasedListener: Send + Sync {
    async fn on(&self, attempt: Attempt, envelope: Envelope) -> Result<(), ListenerError>;
}

/// A listener of one type of event.
pub(crate) struct TypedListener<E, L> {
    listener: L,
    event: PhantomData<fn() -> E>,
}

impl<E, L> TypedListener<E, L> {
    pub(crate) const fn new(listener: L) -> Self {
        Self {
            listener,
            event: PhantomData,
        }
    }
}

#[async_trait]
impl<E: DomainEvent, L: Listener<E>> ErasedListener for TypedListener<E, L> {
    async fn on(&self, attempt: Attempt, envelope: Envelope) -> Result<(), ListenerError> {
        let Some(event) = envelope.decode::<E>()? else {
            // Not skipped: during an upgrade, another process may know the version.
            let (version, known) = (envelope.version, E::VERSION);
            return Err(format!(
                "version {version} of the event is unknown; this program reads {known}"
            )
            .into());
        };
        let mut context = EventContext::<E::Stream>::new(attempt, envelope);
        match self.listener.on(event, &mut context).await {
            Err(_) if context.work().was_already_handled() => Ok(()),
            Err(error) => Err(error),
            Ok(()) => Ok(context.finish().await?),
        }
    }
}

/// Adapts the handler of one type of job to a listener.
pub(crate) struct TypedHandler<J, H> {
    handler: H,
    job: PhantomData<fn() -> J>,
}

impl<J, H> TypedHandler<J, H> {
    pub(crate) const fn new(handler: H) -> Self {
        Self {
            handler,
            job: PhantomData,
        }
    }
}

#[async_trait]
impl<J: Job, H: JobHandler<J>> ErasedListener for TypedHandler<J, H> {
    async fn on(&self, attempt: Attempt, envelope: Envelope) -> Result<(), ListenerError> {
        let job = J::deserialize(&envelope.payload)?;
        let context = EventContext::<OrganizationId>::new(attempt, envelope);
        let mut context = JobContext::new(context);
        let done = self.handler.run(job, &mut context).await;
        let mut context = context.into_event_context();
        match done {
            Err(_) if context.work().was_already_handled() => Ok(()),
            Err(error) => Err(error),
            Ok(()) => Ok(context.finish().await?),
        }
    }
}

/// Adapts a relay to a listener.
pub(crate) struct RelayListener<R>(pub(crate) R);

#[async_trait]
impl<R: EventRelay> ErasedListener for RelayListener<R> {
    async fn on(&self, attempt: Attempt, envelope: Envelope) -> Result<(), ListenerError> {
        self.0.publish(&envelope).await?;
        attempt.work.runtime().failpoint("relay.published").await;
        Ok(finish(attempt.work).await?)
    }
}
