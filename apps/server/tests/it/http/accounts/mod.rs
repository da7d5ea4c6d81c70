//! Accounts and sessions.

mod cookie;
mod lifetime;
mod login;
mod profile;
mod sessions;
mod signup;
