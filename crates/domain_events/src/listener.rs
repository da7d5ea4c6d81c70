//! The listener trait.

use std::{error::Error, fmt, time::Duration};

use async_trait::async_trait;
use tenantry_core::event::DomainEvent;

use crate::EventContext;

/// Any error of a listener.
pub type ListenerError = Box<dyn Error + Send + Sync>;

/// An error that another attempt can't change. The delivery becomes a dead letter right away.
#[derive(Debug)]
pub struct Unrecoverable(pub ListenerError);

impl fmt::Display for Unrecoverable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Unrecoverable {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

/// Handles one type of event.
///
/// It receives every event of that type, in the order of its stream. What it writes through its
/// [`EventContext`] takes effect exactly once; other side effects may be repeated, if the process
/// dies before the commit. The envelope's id identifies the event for deduplication.
#[async_trait]
pub trait Listener<E: DomainEvent>: Send + Sync + 'static {
    /// The listener's stable name, `module.what_it_does`. Deliveries are stored under it.
    fn name(&self) -> &'static str;

    /// How long one attempt may take, less than the ten seconds of a lease; `None` for the bus's limit.
    fn deadline(&self) -> Option<Duration> {
        None
    }

    /// Handles the event. On an error its writes are rolled back and the event is retried later, or is
    /// a dead letter if the error is [`Unrecoverable`].
    async fn on(
        &self,
        event: E,
        context: &mut EventContext<E::Stream>,
    ) -> Result<(), ListenerError>;
}
