//! Jobs in the queue of deliveries.
//!
//! A job is a delivery to its handler. What it holds is a row of the tenant's table `jobs`; when it is
//! due, its attempts and its lease are a row of the queue, as those of an event, whose `listener` is the
//! job's name. The number tells them from each other: events have numbers from 1, jobs have negative
//! ones in no order, and 0 is the schedule of a job.

mod admin;
mod claim;
mod content;
mod enqueue;
mod erase;
mod read;
mod schedule;

pub use admin::JobBacklog;
pub(crate) use content::delete_content;
pub(crate) use enqueue::{PendingJob, insert_job};
pub use schedule::{DueSchedule, OutdatedSchedule};
