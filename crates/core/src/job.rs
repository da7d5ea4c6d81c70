//! Jobs: work of an organization that is done after the unit of work that asks for it.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::clock::Timestamp;

/// A job, with the data that its handler needs.
///
/// A job waits until it is due, so the data of an earlier version of the program may be read by a
/// later one: give a new field a default.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The stable name, `module.what_it_does`. Jobs are stored under it.
    const NAME: &'static str;
}

/// A job to be enqueued, with
/// [`UnitOfWork::enqueue`](crate::db::UnitOfWork::enqueue).
///
/// ```
/// # use serde::{Deserialize, Serialize};
/// # use tenantry_core::job::{Job, NewJob};
/// /// Reminds the members of a booking.
/// #[derive(Serialize, Deserialize)]
/// struct SendReminder {
///     booking: u64,
/// }
///
/// impl Job for SendReminder {
///     const NAME: &'static str = "bookings.send_reminder";
/// }
///
/// let booking = 7;
/// let reminder = NewJob::of(&SendReminder { booking }).unique(format!("booking:{booking}"));
/// ```
#[derive(Clone, Debug)]
pub struct NewJob {
    pub(crate) name: &'static str,
    pub(crate) payload: Value,
    pub(crate) at: Option<Timestamp>,
    pub(crate) key: Option<String>,
}

impl NewJob {
    /// A job that is due when it is committed.
    ///
    /// # Panics
    /// When the job can't be written as JSON: a job is plain data.
    #[must_use]
    pub fn of<J: Job>(job: &J) -> Self {
        Self {
            name: J::NAME,
            payload: serde_json::to_value(job).expect("a job is plain data"),
            at: None,
            key: None,
        }
    }

    /// The same job, due at this time. A time that has passed is now.
    #[must_use]
    pub const fn at(mut self, time: Timestamp) -> Self {
        self.at = Some(time);
        self
    }

    /// The same job, enqueued only if the organization has no job of this type and key that waits.
    /// One that waits stays as it is. A job that has begun and commits is not waiting any more; nor is
    /// a dead letter.
    #[must_use]
    pub fn unique(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }
}

impl<J: Job> From<J> for NewJob {
    fn from(job: J) -> Self {
        Self::of(&job)
    }
}
