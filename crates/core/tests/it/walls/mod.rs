//! The walls, each with the others taken away.

#![expect(
    clippy::disallowed_methods,
    reason = "raw SQL is what row-level security is tried with"
)]

mod event_log;
mod lint;
mod raw_sql;
mod row_security;
