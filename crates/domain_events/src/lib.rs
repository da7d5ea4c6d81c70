//! Domain events and their delivery to listeners.
//!
//! - [`events`]: the event types of all modules, all that a listener knows of another module
//! - [`EventBus`]: the registered listeners; it calls inline listeners right after the commit
//! - [`Dispatcher`]: delivers to background listeners, and retries failed deliveries
//! - [`Retention`]: how long the log is kept
//! - [`Listener`]: what a module implements; [`EventContext`]: what it works with
//! - [`EventRelay`]: forwards every event to an external broker
//! - [`JobHandler`]: does the jobs that units of work enqueue, and those of schedules;
//!   [`JobContext`]: what it works with
//!
//! `docs/events.md` and `docs/jobs.md` document the guarantees.

mod bus;
mod deliveries;
mod dispatcher;
mod entry;
mod erased;
mod event_context;
pub mod events;
mod job_context;
mod job_handler;
mod job_operations;
mod listener;
mod relay;
mod retention;
mod schedule;
mod scheduler;
mod worker;

pub use bus::EventBus;
pub use deliveries::Deliveries;
pub use dispatcher::{Dispatcher, DispatcherOptions};
pub use event_context::EventContext;
pub use job_context::JobContext;
pub use job_handler::JobHandler;
pub use job_operations::{JobOperations, JobStatus};
pub use listener::{Listener, ListenerError, Unrecoverable};
pub use relay::EventRelay;
pub use retention::{Pruned, Retention};
