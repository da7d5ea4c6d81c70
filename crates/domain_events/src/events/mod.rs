//! The events of users, of organizations and of mails, which any module may listen to. Other modules declare
//! their events themselves.

pub mod mail;
pub mod organizations;
pub mod users;
