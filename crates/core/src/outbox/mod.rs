//! The event log and the queue of deliveries to listeners.
//!
//! An event is inserted in the transaction that it reports, and with it one delivery for each
//! listener. So no event is lost, and none is published of a transaction that was rolled back.

mod admin;
mod append;
mod attempt;
mod claims;
mod delivery;
mod details;
mod event_rows;
mod jobs;
mod notify;
mod postgres_ctes;
mod prune;
mod queue;
mod retry;
mod subscription;

pub use crate::db::{DeliveryQueue, Publisher};
pub use admin::{Backlog, DeadLetter};
pub use attempt::Attempt;
pub use delivery::Delivery;
pub use jobs::{DueSchedule, JobBacklog, OutdatedSchedule};
pub use notify::NotificationListener;
pub use retry::{FailureOutcome, RetryPolicy};
pub use subscription::{DeliveryMode, Subscription};

pub(crate) use append::append;
pub(crate) use delivery::acknowledge;
pub(crate) use event_rows::{MAX_EVENTS_PER_INSERT, assign_numbers, pending_deliveries};
pub(crate) use jobs::{PendingJob, insert_job};
pub(crate) use postgres_ctes::event_ctes;
