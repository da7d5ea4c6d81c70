//! The listener trait.

use async_trait::async_trait;
use tenantry_core::event::DomainEvent;

use crate::EventContext;

/// Any error of a listener.
pub type ListenerError = Box<dyn std::error::Error + Send + Sync>;

/// Handles one type of event.
///
/// It receives every event of that type, in the order of its stream. What it writes through its
/// [`EventContext`] takes effect exactly once; other side effects may be repeated, if the process
/// dies before the commit. The envelope's id identifies the event for deduplication.
#[async_trait]
pub trait Listener<E: DomainEvent>: Send + Sync + 'static {
    /// The listener's stable name, `module.what_it_does`. Deliveries are stored under it.
    fn name(&self) -> &'static str;

    /// Handles the event. On an error its writes are rolled back and the event is retried later.
    async fn on(
        &self,
        event: E,
        context: &mut EventContext<E::Stream>,
    ) -> Result<(), ListenerError>;
}
