//! The database's schema, as one ordered list of changes.
//!
//! A file's name starts with the module that owns its tables.

mod list;
mod organizations_0001_organizations;
mod projects_0001_projects;
mod table;
mod users_0001_accounts;

pub use list::Migrator;
