//! The guarantees of the organizations module, on every database.

mod coalescing;
mod context;
mod creation;
mod dedicated;
mod deletion;
mod deletion_proof;
mod invitations;
mod lists;
mod many_organizations;
mod members;
mod memberships;
mod mine;
mod operators;
mod owners;
mod ownership;
mod races;
mod returning;
mod revocation;
mod roles;
mod settings;
mod support;
mod tokens;
