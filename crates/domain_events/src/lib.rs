//! What happens in Tenantry, told to whoever listens.
//!
//! [`events`] holds the event types of all modules: the only thing that a listener has to know
//! of the module it listens to. [`EventBus`] tells them in-process after the commit.

mod bus;
pub mod events;
mod listener;

pub use bus::EventBus;
pub use listener::{Listener, ListenerError};
