//! Operations of operators over HTTP, and their effects.

mod admin;
mod deletion;
mod disabled;
mod quotas;
mod settings;
