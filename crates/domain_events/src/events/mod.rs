//! The event types, by the module that records them.

pub mod organizations;
pub mod projects;
pub mod users;
