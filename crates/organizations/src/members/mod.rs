//! Members: what they are, how that changes, and how it ends.
//!
//! - [`MembersService`] is what can be done
//! - [`change`] does it, always with the organization locked
//! - [`owners`] keeps every organization its last active owner
//! - [`store`] holds the statements, [`http`] the routes

mod change;
mod http;
mod owners;
mod service;
mod store;

pub(crate) use http::routes;
pub use service::MembersService;
