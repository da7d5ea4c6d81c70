//! The tables of all modules, as one ordered list of migrations, and the commands that run it.
//!
//! A migration's file name starts with the module that owns the table: `users_0001_accounts`.
//! That file name is also the name under which the database remembers it.
//!
//! - [`up`], [`down`], [`status`], [`pending`], [`fresh`]: the commands, on our list
//! - [`Migrator`]: the list
//! - [`runner`]: the same commands on any list

#![expect(
    clippy::disallowed_methods,
    reason = "migrations make the tables that scopes are about"
)]

mod commands;
mod domain_events_0001_log;
mod domain_events_0002_retention;
mod error;
mod list;
mod organizations_0001_organizations;
mod organizations_0002_life;
mod organizations_0003_operators;
mod organizations_0004_held_tokens;
mod organizations_0005_limited;
mod projects_0001_projects;
mod projects_0002_usage;
pub mod runner;
mod table;
mod users_0001_accounts;
mod users_0002_credentials;

pub use commands::{down, fresh, grant, pending, status, up};
pub use error::MigrationError;
pub use list::Migrator;
pub use runner::MigrationState;
