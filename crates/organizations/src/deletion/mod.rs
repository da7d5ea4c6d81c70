//! The end of an organization.
//!
//! First it is condemned, in one step: from then on every door is closed, and nothing opens one
//! again. Then its rows are erased, a bounded number in each transaction, so that nobody waits
//! long and nothing has to be kept in memory. At last the organization itself goes, and its slug
//! is retired for a while. An erasure that was interrupted is gone on with.
//!
//! - [`DeletionService`]

mod erasure;
pub(crate) mod http;
mod service;
mod store;

pub use service::{DeletionService, EraseProgress, ProgressFn};
