//! API tokens: with one, a program acts as the member who created it, in one organization.
//!
//! A token belongs to a membership and ends with it. It has no permissions of its own: every request
//! reads its owner's current role, in [`context`](crate::context).

pub(crate) mod http;
pub(crate) mod model;
pub(crate) mod revocation;
pub(crate) mod secret;
pub(crate) mod service;
pub(crate) mod store;
