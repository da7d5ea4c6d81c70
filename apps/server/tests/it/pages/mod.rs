//! What people see in a browser, page by page. The route × caller table proves who may open what.

mod accept;
mod account;
mod audit_log;
mod billing;
mod invitations;
mod members;
mod operators;
mod projects;
mod second_factor;
mod settings;
mod support;
