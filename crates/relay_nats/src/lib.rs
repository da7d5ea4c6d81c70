//! Hands every event on to NATS JetStream.
//!
//! - [`NatsRelay`] is the relay; the composition root registers it with the bus
//! - [`NatsOptions`] say where to: [`Servers`], a [`StreamName`], a [`SubjectPrefix`]
//!
//! Each event arrives once, and those of an organization in their order; `docs/consuming-events.md` says
//! what a consumer may rely on, and what holds it up.

mod connection;
mod message;
mod options;
mod relay;

pub use options::{InvalidOption, NatsOptions, Servers, StreamName, SubjectPrefix};
pub use relay::NatsRelay;
