//! Metrics, for Prometheus and whoever reads its format, at an address of their own.
//!
//! No label ever names an organization, a person or a path that a client made up:
//! `docs/observability.md` lists all metrics with their labels.

mod gather;
mod recorder;
mod server;

pub(super) use server::MetricsServer;
