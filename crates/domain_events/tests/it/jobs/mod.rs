//! The guarantees of jobs and of schedules, through the public traits.
//!
//! - [`enqueue`]: what is committed, when it is due, and what a handler sees
//! - [`failures`]: retries, dead letters and crashes
//! - [`turns`]: organizations take turns, and several processes share the work
//! - [`life`]: suspended and deleted organizations
//! - [`schedules`]: cron expressions by a clock that the test moves

mod enqueue;
mod failures;
mod life;
mod schedules;
mod support;
mod turns;
