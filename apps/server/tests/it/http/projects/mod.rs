//! Projects.

mod bulk;
mod crud;
mod isolation;
mod list;
mod pages;
mod preconditions;
