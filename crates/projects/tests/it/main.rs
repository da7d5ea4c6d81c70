//! What those who use projects may rely on.

mod bulk;
mod compile_fail;
mod events;
mod first;
mod isolation;
mod listing;
mod pages;
mod plans;
mod roles;
mod stage;
mod values;
mod versions;
