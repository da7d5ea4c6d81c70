//! The guarantees for consumers of a stream, tested with a running broker.

mod broker;
mod delivery;
mod messages;
mod support;
