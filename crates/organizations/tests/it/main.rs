//! What organizations may be relied on for, on every database.

mod context;
mod creation;
mod dedicated;
mod deletion;
mod deletion_proof;
mod ends;
mod invitations;
mod members;
mod operators;
mod own;
mod owners;
mod races;
mod relations;
mod roles;
mod settings;
mod support;
mod together;
mod tokens;
