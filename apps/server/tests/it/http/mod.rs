//! The HTTP contract, as clients meet it.

mod accounts;
mod context;
mod organizations;
mod projects;
mod support;
