//! Publishes every event to NATS JetStream.
//!
//! - [`NatsRelay`]: the relay; the composition root registers it with the bus
//! - [`NatsOptions`]: the destination: [`Servers`], a [`StreamName`], a [`SubjectPrefix`]
//!
//! Each event arrives once, and the events of an organization in order; `docs/consuming-events.md` documents
//! the guarantees for consumers and what can delay delivery.

mod connection;
mod message;
mod options;
mod relay;

pub use options::{InvalidOption, NatsOptions, Servers, StreamName, SubjectPrefix};
pub use relay::NatsRelay;
