//! The rules of accounts, passwords and sessions, on both databases.

mod accounts;
mod batch;
mod cookies;
mod hashing;
mod login;
mod passwords;
mod recovery;
mod security_log;
mod sessions;
mod store;
mod support;
