//! Handing events on to a broker outside.

use async_trait::async_trait;
use tenantry_core::{event::Envelope, outbox::Attempt};

use crate::{ListenerError, entry::ErasedListener, event_context::finish};

/// Hands every event on to a broker, whatever its name: those of today and those to come.
///
/// It gets envelopes and nothing to work with, so it can't reach a row of anybody. The events of
/// a stream come one after the other, in their order, also where several processes share the
/// work. An event comes again when its process ended, or took too long, before the database knew
/// that it was published. So a relay has to recognise by the envelope's id what the broker has.
///
/// Nothing is ever given up. After an error the same event comes again, after half a minute at
/// the latest, and its stream waits for it: what the broker would refuse for ever, a relay has to
/// bring into a form that it takes.
#[async_trait]
pub trait EventRelay: Send + Sync + 'static {
    /// The relay's stable name, `relay.broker`. Deliveries are stored under it.
    fn name(&self) -> &'static str;

    /// Publishes one event. It is published when the broker said so, and not before.
    async fn publish(&self, envelope: &Envelope) -> Result<(), ListenerError>;
}

/// A relay as a listener.
pub(crate) struct RelayListener<R>(pub(crate) R);

#[async_trait]
impl<R: EventRelay> ErasedListener for RelayListener<R> {
    async fn on(&self, attempt: Attempt, envelope: Envelope) -> Result<(), ListenerError> {
        self.0.publish(&envelope).await?;
        attempt.work.runtime().failpoint("relay.published").await;
        Ok(finish(attempt.work).await?)
    }
}
