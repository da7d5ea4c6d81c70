//! Members: roles, leaving, removal, and transfer of ownership.
//!
//! - `MembersService`: the operations
//! - [`change`]: changes of memberships, under the organization's lock
//! - [`owners`]: the rule of the last active owner

mod change;
pub(crate) mod http;
mod join;
mod owners;
mod ownership_limit;
mod profiles;
mod seats;
pub(crate) mod service;
pub(crate) mod store;
pub(crate) mod usage;
