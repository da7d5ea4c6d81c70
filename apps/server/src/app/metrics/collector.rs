//! Metrics that are collected at each scrape.

use std::{collections::BTreeSet, sync::Mutex, time::Duration};

use metrics::{counter, gauge};
use metrics_process::Collector;
use tenantry_core::{
    db::DbError,
    outbox::{Backlog, JobBacklog},
};
use tenantry_domain_events::JobStatus;
use tokio::time::timeout;

use super::recorder::recorder;
use crate::app::App;

/// How long the database may take: a scrape must report a database that hangs.
const QUERY_TIMEOUT: Duration = Duration::from_secs(3);

/// Collects and renders all metrics.
pub(super) struct MetricsCollector {
    app: App,
    process: Collector,
    /// Listeners that were reported before: their gauges go to 0 once they have no backlog.
    listeners: Mutex<BTreeSet<String>>,
    /// The same for jobs.
    jobs: Mutex<BTreeSet<String>>,
}

impl MetricsCollector {
    pub(super) fn new(app: App) -> Self {
        gauge!("tenantry_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        Self {
            app,
            process: Collector::default(),
            listeners: Mutex::default(),
            jobs: Mutex::default(),
        }
    }

    /// All metrics, in Prometheus's text format.
    pub(super) async fn collect(&self) -> String {
        self.process.collect();
        self.hashing();
        let up = match timeout(QUERY_TIMEOUT, self.backlog()).await {
            Ok(Ok((backlog, jobs))) => {
                self.events(&backlog);
                self.jobs(&jobs);
                true
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "the queue of events can't be read");
                false
            }
            Err(_) => {
                tracing::warn!("the queue of events can't be read in time");
                false
            }
        };
        gauge!("database_up").set(f64::from(u8::from(up)));
        // Last, so that the connection used above counts as idle again.
        self.connections();
        recorder().render()
    }

    async fn backlog(&self) -> Result<(Vec<Backlog>, Vec<JobStatus>), DbError> {
        let backlog = self.app.deliveries().backlog().await?;
        Ok((backlog, self.app.jobs().status().await?))
    }

    fn connections(&self) {
        let connections = self.app.database.pool_stats();
        gauge!("db_client_connections", "state" => "used").set(connections.used);
        gauge!("db_client_connections", "state" => "idle").set(connections.idle);
        gauge!("db_client_connections_max").set(connections.max);
    }

    fn hashing(&self) {
        let hasher = self.app.hasher();
        let busy = u32::try_from(hasher.busy()).unwrap_or(u32::MAX);
        gauge!("password_hashing_busy").set(busy);
        counter!("password_hashes_total").absolute(hasher.computed());
    }

    fn events(&self, backlog: &[Backlog]) {
        let mut listeners = self.listeners.lock().expect("nothing panics under it");
        listeners.extend(backlog.iter().map(|it| it.listener.clone()));
        let now = self.app.queue().now();
        for listener in listeners.iter() {
            let none = Backlog::none(listener);
            let found = backlog.iter().find(|it| it.listener == *listener);
            let found = found.unwrap_or(&none);
            let lag = found.oldest.map_or(0, |it| (now - it).num_milliseconds());
            let labels = [("listener", listener.clone())];
            gauge!("events_waiting", &labels).set(found.pending as f64);
            gauge!("events_retrying", &labels).set(found.retries as f64);
            gauge!("events_lag_seconds", &labels).set(lag.max(0) as f64 / 1000.0);
            gauge!("events_dead_letters", &labels).set(found.dead as f64);
            counter!("events_retries_total", &labels).increment(0);
        }
    }

    fn jobs(&self, status: &[JobStatus]) {
        let mut jobs = self.jobs.lock().expect("nothing panics under it");
        jobs.extend(status.iter().map(|it| it.backlog.job.clone()));
        let now = self.app.queue().now();
        for job in jobs.iter() {
            let none = JobBacklog::none(job);
            let mut found = status.iter().map(|it| &it.backlog);
            let found = found.find(|it| it.job == *job).unwrap_or(&none);
            let lag = found.oldest.map_or(0, |it| (now - it).num_milliseconds());
            for (state, count) in [
                ("scheduled", found.scheduled),
                ("due", found.due),
                ("parked", found.parked),
            ] {
                let labels = [("job", job.clone()), ("state", state.to_owned())];
                gauge!("tenantry_jobs_waiting", &labels).set(count as f64);
            }
            let labels = [("job", job.clone())];
            gauge!("tenantry_jobs_retrying", &labels).set(found.retries as f64);
            gauge!("tenantry_jobs_lag_seconds", &labels).set(lag.max(0) as f64 / 1000.0);
            gauge!("tenantry_jobs_dead_letters", &labels).set(found.dead as f64);
            for outcome in ["done", "retried", "dead"] {
                let labels = [("job", job.clone()), ("outcome", outcome.to_owned())];
                counter!("tenantry_jobs_total", &labels).increment(0);
            }
        }
    }
}
