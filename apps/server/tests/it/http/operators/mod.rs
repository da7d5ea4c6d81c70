//! What operators do over HTTP, and what it does to everybody else.

mod admin;
mod deletion;
mod doors;
mod limits;
mod settings;
