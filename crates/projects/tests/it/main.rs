//! The guarantees of the projects module.

mod bulk;
mod compile_fail;
mod events;
mod first;
mod fixture;
mod isolation;
mod jobs;
mod listing;
mod pages;
mod plans;
mod roles;
mod values;
mod versions;
