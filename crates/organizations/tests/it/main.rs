//! What organizations may be relied on for, on every database.

mod context;
mod creation;
mod dedicated;
mod members;
mod own;
mod owners;
mod races;
mod relations;
mod roles;
mod support;
