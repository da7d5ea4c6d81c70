//! The `tenantry` program: settings, command line and composition root.
//!
//! - [`settings`]: what an operator can configure, validated as a whole
//! - [`cli`]: the commands, a file for each group
//! - [`app`]: the composition root: every module, wired, and the server that exposes them
//! - [`demo`]: the demo data
//! - [`Failure`]: why a command failed, and its exit code

pub mod app;
pub mod cli;
pub mod demo;
mod failure;
mod log_output;
mod logging;
pub mod settings;
#[cfg(feature = "otel")]
mod traces;

pub use failure::Failure;
