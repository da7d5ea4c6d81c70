//! Deleting an organization.
//!
//! First it is marked for deletion, in one step, which makes it inaccessible for good. Then its
//! rows are erased in bounded transactions, which keep locks short and memory constant. At last the
//! organization itself is deleted, and its slug is quarantined. An interrupted erasure is resumed.
//!
//! - `DeletionService`

pub(crate) mod background;
mod erasure;
pub(crate) mod http;
pub(crate) mod model;
pub(crate) mod service;
mod store;
