//! What happens in Tenantry, told to whoever listens.
//!
//! - [`events`] holds the event types of all modules: the only thing that a listener has to know
//!   of the module it listens to
//! - [`EventBus`] knows the listeners, and tells those who are told inline right after the commit
//! - [`Dispatcher`] tells everybody else, and whoever failed or was never told
//! - [`audit`]: the log, as an organization reads its own, and a person his
//! - [`Retention`]: how long it is kept
//! - [`Listener`] is what a module writes, [`EventContext`] what it gets to work with
//! - [`EventRelay`] hands every event on to a broker outside
//!
//! `docs/events.md` says what is guaranteed.

pub mod audit;
mod bus;
mod dispatcher;
mod entry;
mod event_context;
pub mod events;
mod listener;
mod relay;
mod retention;
mod worker;

pub use bus::EventBus;
pub use dispatcher::{Dispatcher, DispatcherOptions};
pub use event_context::EventContext;
pub use listener::{Listener, ListenerError};
pub use relay::EventRelay;
pub use retention::{Pruned, Retention};
