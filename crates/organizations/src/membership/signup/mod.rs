//! Signing up, with or without an invitation.
//!
//! - `SignupService`: creates an account, a session and possibly a membership, all or none
//! - `SignupPolicy`: whether signing up needs an invitation

pub(crate) mod http;
pub(crate) mod model;
pub(crate) mod service;
