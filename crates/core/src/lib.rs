//! The foundation of every module of Tenantry, without business rules and without HTTP.
//!
//! - [`access`]: callers, organizations, roles, permissions and the proofs of them
//! - [`db`]: the only access to the database: units of work, and rows that stay in their scope
//! - [`outbox`]: the durable event log and the queue of deliveries to listeners
//! - [`event`]: domain events and their envelope
//! - [`job`]: jobs, which a unit of work leaves to be done later
//! - [`input`]: requests and values from clients, parsed and validated; their JSON Schema
//! - [`batch`]: concurrent lookups by key, coalesced into one query
//! - [`page`], [`version`]: keyset pages, and preconditions on the version of a row
//! - [`quota`]: the quotas of organizations
//! - [`orm`]: the part of SeaORM that a module may use
//! - [`runtime`]: clock, randomness and failpoints, injected
//! - [`link_key`]: the secrets of mailed links, made again when they are sent
//! - [`value`], [`id`], [`clock`], [`digest`], [`error`], [`deployment`]: small types

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
pub mod job;
pub mod link_key;
pub mod orm;
pub mod outbox;
pub mod page;
pub mod quota;
pub mod runtime;
pub mod value;
pub mod version;
