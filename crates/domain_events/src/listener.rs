//! Who listens, and to what.

use async_trait::async_trait;
use tenantry_core::event::DomainEvent;

use crate::EventContext;

/// Whatever went wrong in a listener.
pub type ListenerError = Box<dyn std::error::Error + Send + Sync>;

/// Reacts to one type of event.
///
/// Every event of that type reaches it, in the order of its stream. What it writes through its
/// [`EventContext`] happens exactly once; what it does outside of the database may happen again, when
/// the process ends in the middle of it. The envelope's id names the occurrence.
#[async_trait]
pub trait Listener<E: DomainEvent>: Send + Sync + 'static {
    /// The listener's stable name, `module.what_it_does`. Deliveries are stored under it.
    fn name(&self) -> &'static str;

    /// Reacts. After an error, nothing of what it wrote is there, and it is told again later.
    async fn on(
        &self,
        event: E,
        handling: &mut EventContext<E::Stream>,
    ) -> Result<(), ListenerError>;
}
