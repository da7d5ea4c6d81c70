//! The runner, with lists of these tests, and the rules of the real list.

#![expect(
    clippy::disallowed_methods,
    reason = "migrations make the tables that scopes are about"
)]

mod fresh;
mod keys;
mod lists;
mod lock;
mod modules;
mod names;
mod names_keys;
mod release;
mod rights;
mod rolling;
mod steps;
