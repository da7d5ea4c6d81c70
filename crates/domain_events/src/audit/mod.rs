//! The audit log: the log of events, as an organization reads its own, and a person his.
//!
//! Whatever changed something recorded an event in the same transaction, so the log holds every
//! change once, and none that was undone.

mod entity;
mod error;
mod http;
mod own;
mod service;

pub use error::AuditError;
pub use http::routes;
pub use service::{
    AuditEntry, AuditFilter, AuditLog, AuditService, PERMISSIONS, ViewAuditLog, service,
};
