//! Members: roles, leaving, removal, and transfer of ownership.
//!
//! - [`MembersService`]: the operations
//! - [`change`]: changes of memberships, under the organization's lock
//! - [`owners`]: the rule of the last active owner

mod change;
mod http;
mod owners;
mod service;
mod store;

pub(crate) use http::routes;
pub use service::MembersService;
