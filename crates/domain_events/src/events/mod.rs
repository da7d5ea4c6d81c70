//! The events of users and of organizations, which any module may listen to. Other modules declare
//! their events themselves.

pub mod organizations;
pub mod users;
