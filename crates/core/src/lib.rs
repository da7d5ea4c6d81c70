//! What every module of Tenantry stands on, and no business of its own.
//!
//! - [`access`]: callers, organizations, roles, permissions and the proofs of them
//! - [`db`]: the only way to the database: units of work, and rows that stay in their scope
//! - [`event`]: what a domain event is
//! - [`http`]: problems, parsed requests, route tables
//! - [`limit`]: how much an organization may have
//! - [`orm`]: the part of SeaORM that a module may use
//! - [`page`]: keyset pages and their cursors
//! - [`schema`]: what values look like on the wire
//! - [`value`], [`id`], [`clock`], [`entropy`], [`digest`], [`error`]: small things with one meaning each

pub mod access;
pub mod clock;
pub mod db;
pub mod deployment;
pub mod digest;
pub mod entropy;
pub mod error;
pub mod event;
pub mod http;
pub mod id;
pub mod limit;
pub mod orm;
pub mod page;
pub mod schema;
pub mod value;
