//! Each layer of isolation, with the others removed.

#![expect(
    clippy::disallowed_methods,
    reason = "raw SQL is what row-level security is tested with"
)]

mod event_log;
mod lint;
mod raw_sql;
mod row_security;
