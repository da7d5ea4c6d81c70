//! The test kit: throwaway databases, a fixed clock, an API client.
//!
//! - [`each_database!`]: runs a test on SQLite and on Postgres
//! - [`TestDatabase`]: a database for one test, migrated or empty
//! - [`World`]: an open database with factories and a recording bus
//! - [`statements()`]: the SQL statements that a future sends
//! - [`ApiClient`]: an HTTP client with a cookie jar
//! - [`Authenticator`]: an authenticator app
//! - [`TestFailpoints`]: named points at which a test pauses work, to force a race
//! - [`NatsServer`]: a broker for one test, which can be killed
//! - [`SmtpServer`]: a mail server for one test, which can be killed; [`Mailbox`]: the mails in a folder
//! - [`DedicatedPostgres`]: a Postgres for one test, which can be stopped
//! - [`assert_compile_fails`]: programs that must not compile
//! - [`sample_events`]: events of a module that does not exist
//! - [`PUBLISHED`]: the views and functions of the migrations that have the rights of the owner
//! - [`FixedClock`], [`SeededEntropy`]: time and randomness under the test's control

#![expect(
    clippy::disallowed_methods,
    reason = "tests write and read rows without any tenant scope"
)]

mod authenticator;
mod client;
mod clock;
mod compile_fail;
mod database;
mod each_database;
mod entropy;
mod failpoints;
mod mailbox;
mod nats;
mod postgres;
mod recording;
pub mod sample_events;
mod shared_dir;
mod smtp;
mod statements;
mod world;

pub use authenticator::Authenticator;
pub use client::{Answer, ApiClient, Call, Exchange};
pub use clock::FixedClock;
pub use compile_fail::assert_compile_fails;
pub use database::{Backend, TestDatabase};
pub use each_database::run;
pub use entropy::SeededEntropy;
pub use failpoints::{Failpoint, TestFailpoints};
pub use mailbox::{Mailbox, ReceivedMail};
pub use nats::NatsServer;
pub use postgres::DedicatedPostgres;
pub use recording::RecordingBus;
pub use smtp::SmtpServer;
pub use statements::{record_statements, statements};
pub use tenantry_migrations::PUBLISHED;
pub use world::{LONG_WAITS, World};
