//! The composition root: the one place that knows every module.
//!
//! - [`App`]: the modules, wired to one database
//! - [`routes`], [`permissions`], [`events`], [`error_codes`] and [`reserved_slugs`] of all modules
//! - [`document`]: the OpenAPI document
//! - [`start`]: starts the server; [`RunningServer`] is its handle

mod docs;
mod edge;
mod erasure;
mod health;
mod metrics;
mod modules;
mod open;
mod pruning;
mod registry;
pub(crate) mod schema;
mod secret;
mod server;

pub use docs::document;
pub use modules::App;
pub(crate) use open::row_security_gaps;
pub(crate) use registry::MODULES;
pub use registry::{error_codes, events, permissions, reserved_slugs, routes};
pub(crate) use secret::secret_beside;
pub use server::{RunningServer, start};
