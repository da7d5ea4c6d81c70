//! The handler trait of jobs.

use std::time::Duration;

use async_trait::async_trait;
use tenantry_core::job::Job;

use crate::{JobContext, ListenerError};

/// Does the jobs of one type.
///
/// A job is done once: what the handler writes through its [`JobContext`] is committed together with the
/// end of the job. Other side effects may be repeated, if the process dies before the commit; the
/// context's id identifies the job for deduplication. Jobs of an organization are done one at a time and
/// in no promised order, those of different organizations concurrently.
#[async_trait]
pub trait JobHandler<J: Job>: Send + Sync + 'static {
    /// How long one attempt may take, less than the ten seconds of a lease; `None` for the bus's limit.
    fn deadline(&self) -> Option<Duration> {
        None
    }

    /// Does the job. On an error its writes are rolled back and the job is retried later, or is a dead
    /// letter if the error is [`Unrecoverable`](crate::Unrecoverable).
    async fn run(&self, job: J, context: &mut JobContext) -> Result<(), ListenerError>;
}
