//! What organizations may be relied on for, on every database.

mod context;
mod creation;
mod dedicated;
mod deletion;
mod members;
mod operators;
mod own;
mod settings;
mod support;
