//! Who listens, and to what.

use async_trait::async_trait;
use tenantry_core::event::{DomainEvent, Envelope};

/// Whatever went wrong in a listener.
pub type ListenerError = Box<dyn std::error::Error + Send + Sync>;

/// Reacts to one type of event.
///
/// It may be told of one event more than once: the envelope's id names the occurrence.
#[async_trait]
pub trait Listener<E: DomainEvent>: Send + Sync + 'static {
    /// The listener's stable name, `module.what_it_does`.
    fn name(&self) -> &'static str;

    /// Reacts. An error is logged and changes nothing for the others who listen.
    async fn on(&self, event: E, envelope: &Envelope) -> Result<(), ListenerError>;
}
