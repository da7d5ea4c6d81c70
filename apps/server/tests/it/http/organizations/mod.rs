//! Organizations and their members.

mod algebra;
mod changes;
mod creation;
mod members;
mod reading;
mod roles;
