//! Organizations and their members.

mod creation;
mod members;
mod reading;
mod roles;
