//! What tests stand on: throwaway databases, a clock that stands still, an API client.
//!
//! - [`each_database!`]: one rule, tested on SQLite and on Postgres
//! - [`TestDatabase`]: a database for one test, migrated or empty
//! - [`World`]: a database in use, with factories, and a bus that remembers
//! - [`statements()`]: which statements a piece of work really sends
//! - [`ApiClient`]: speaks HTTP as one person with one cookie jar
//! - [`TestFailpoints`]: places where a test holds work up, to force a race
//! - [`NatsServer`]: a broker of a test's own, which it can kill
//! - [`DedicatedPostgres`]: a Postgres of a test's own, which it can stop
//! - [`FixedClock`], [`SeededEntropy`]: time and randomness that a test decides

#![expect(
    clippy::disallowed_methods,
    reason = "tests prepare and look at rows past every wall"
)]

mod client;
mod clock;
mod database;
mod each_database;
mod entropy;
mod failpoints;
mod nats;
mod postgres;
mod recording;
mod statements;
mod workshop;
mod world;

pub use client::{Answer, ApiClient, Call, Exchange};
pub use clock::FixedClock;
pub use database::{Backend, TestDatabase};
pub use each_database::run;
pub use entropy::SeededEntropy;
pub use failpoints::{Failpoint, TestFailpoints};
pub use nats::NatsServer;
pub use postgres::DedicatedPostgres;
pub use recording::RecordingBus;
pub use statements::statements;
pub use world::World;
