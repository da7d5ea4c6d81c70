//! Organizations and their members.

mod changes;
mod creation;
mod members;
mod reading;
mod role_matrix;
mod roles;
