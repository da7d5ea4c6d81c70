//! What organizations may be relied on for, on every database.

mod context;
mod creation;
mod dedicated;
mod invitations;
mod members;
mod own;
mod support;
mod tokens;
