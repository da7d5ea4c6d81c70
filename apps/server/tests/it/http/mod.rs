//! The HTTP contract.

mod accounts;
mod activity;
mod audit;
mod audit_details;
mod bad_input;
mod context;
mod dedicated;
mod guide;
mod invitations;
mod operators;
mod organizations;
mod origin;
#[cfg(feature = "passkeys")]
mod passkeys;
mod projects;
mod rate_limits;
pub(crate) mod second_factor;
pub(crate) mod support;
mod tokens;
