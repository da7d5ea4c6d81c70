//! The `tenantry` program: settings, command line, and the place where the modules meet.
//!
//! - [`settings`]: what an operator can set, checked as a whole
//! - [`cli`]: the commands, a file for each group
//! - [`app`]: the composition root: every module, wired, and the server that shows them
//! - [`demo`]: the demo world
//! - [`Failure`]: how a command ends that did not succeed

pub mod app;
pub mod cli;
pub mod demo;
mod failure;
mod logging;
pub mod settings;
#[cfg(feature = "otel")]
mod traces;

pub use failure::Failure;
