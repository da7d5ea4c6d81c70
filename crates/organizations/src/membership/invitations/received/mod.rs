//! The invitations that a person received, without their links.

pub(crate) mod http;
pub(crate) mod service;
