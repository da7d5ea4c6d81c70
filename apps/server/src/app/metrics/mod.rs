//! Metrics in Prometheus's text format, on a separate listener.
//!
//! No label names an organization, a person or a path chosen by a client: cardinality stays bounded.
//! `docs/observability.md` lists all metrics with their labels.

mod collector;
mod recorder;
mod server;

pub(super) use server::MetricsServer;
