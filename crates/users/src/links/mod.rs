//! Links that are mailed to the owner of an address: to reset a password, and to confirm an address.
//!
//! - `LinkPurpose`: what a link is good for
//! - `LinkSecret`: authorizes its use; stored as a digest, and made again when it is mailed
//! - `RecoveryService`: the operations
//!
//! There is one row for each purpose and subject. A newer link replaces the secret of the older one, and
//! the row counts how many were asked for in an hour.

pub(crate) mod http;
pub(crate) mod issue;
pub(crate) mod kill;
mod model;
mod purpose;
mod secret;
mod service;
pub(crate) mod store;

pub use http::MailRequested;
pub use model::{EmailChange, LinkToMail, VerificationPolicy};
pub use purpose::LinkPurpose;
pub use secret::LinkSecret;
pub use service::RecoveryService;
