//! The tables of all modules, as one ordered list of migrations, and the commands that run it.
//!
//! A migration's file name starts with the module that owns the table: `users_0001_accounts`.
//! That file name is also the name under which the database remembers it.
//!
//! - [`up`], [`down`], [`status`], [`pending`], [`fresh`]: the commands, on our list
//! - [`Migrator`]: the list; [`runs_with`]: what a migration says about older programs
//! - [`PUBLISHED`]: what may have the rights of the owner
//! - [`runner`]: the same commands on any list

#![expect(
    clippy::disallowed_methods,
    reason = "migrations make the tables that scopes are about"
)]

mod commands;
mod compatibility;
mod error;
mod list;
mod published;
pub mod runner;
mod table;

pub use commands::{
    down, excess_rights, fresh, grant, newer, pending, status, up, up_with_progress,
};
pub use compatibility::runs_with;
pub use error::MigrationError;
pub use list::Migrator;
pub use published::PUBLISHED;
pub use runner::MigrationState;
