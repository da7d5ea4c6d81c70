//! The event types, by the module in which they happen.

pub mod organizations;
pub mod projects;
pub mod users;
