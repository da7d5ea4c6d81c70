//! The audit log: the log of events, as an organization or a user reads it.
//!
//! Every change records an event in the same transaction, so the log holds each committed change
//! once, and no rolled back one.
//!
//! - [`AuditLog`]: reads pages of entries; implemented by [`AuditService`]
//! - [`AuditModule`]: its descriptor for the composition root
//! - [`PERMISSIONS`]: its permissions, such as [`ViewAuditLog`]

mod entity;
mod error;
mod http;
mod model;
mod module;
mod service;
mod user_entry;

pub use error::AuditError;
pub use model::{ActedBy, ActingToken, AuditEntry, SignInClient};
pub use module::AuditModule;
pub use service::{AuditFilter, AuditLog, AuditService, PERMISSIONS, ViewAuditLog, service};
