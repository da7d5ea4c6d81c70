//! What operators of the deployment do.
//!
//! - `OperatorsService`: searching organizations, members and accounts; disabling, enabling and
//!   limiting organizations; the report on all of them
//!
//! Superusers see everything, other staff their own organizations. Every view is recorded as an
//! event in each organization that it showed ([`view_audit`]), in batches where there may be many
//! ([`due_entries`]).

pub(crate) mod due_entries;
pub(crate) mod http;
pub(crate) mod model;
mod report;
pub(crate) mod service;
mod store;
pub(crate) mod view_audit;
