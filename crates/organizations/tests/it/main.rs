//! What organizations may be relied on for, on every database.

mod context;
mod creation;
mod dedicated;
mod deletion;
mod deletion_proof;
mod members;
mod operators;
mod own;
mod settings;
mod support;
