//! What every module of Tenantry builds on; it holds no business rule and knows no HTTP.
//!
//! - [`access`]: callers, organizations, roles, permissions and the proofs of them
//! - [`db`]: the only way to the database: units of work, and rows that stay in their scope
//! - [`outbox`]: the durable event log and the queue of deliveries to listeners
//! - [`event`]: what a domain event is
//! - [`input`]: requests and values from clients, parsed and validated; their JSON Schema
//! - [`batch`]: concurrent lookups by key, coalesced into one query
//! - [`page`], [`version`]: keyset pages, and conditions on the version of a row
//! - [`quota`]: how much an organization may have
//! - [`orm`]: the part of SeaORM that a module may use
//! - [`runtime`]: clock, randomness and failpoints, injected
//! - [`value`], [`id`], [`clock`], [`digest`], [`error`], [`deployment`]: small types with one meaning each

pub mod access;
pub mod batch;
pub mod clock;
pub mod db;
pub mod deployment;
pub mod digest;
pub mod error;
pub mod event;
pub mod id;
pub mod input;
pub mod orm;
pub mod outbox;
pub mod page;
pub mod quota;
pub mod runtime;
pub mod value;
pub mod version;
