//! Where metrics are kept between two scrapes.

use std::sync::OnceLock;

use metrics::{describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use metrics_process::Collector;

/// In seconds: from a read that needs nothing but the cache to a request that is cut off.
const BUCKETS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// The recorder of this process, which begins to record with the first call.
pub(super) fn recorder() -> &'static PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER.get_or_init(|| {
        let seconds = Matcher::Suffix("_seconds".to_owned());
        let builder = PrometheusBuilder::new().set_buckets_for_metric(seconds, BUCKETS);
        let recorder = builder.expect("there are buckets").build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("somebody else in this process records metrics; ours stay empty");
        }
        describe();
        handle
    })
}

fn describe() {
    describe_counter!("http_server_requests_total", "Requests that were answered.");
    describe_histogram!(
        "http_server_request_duration_seconds",
        "From the head of a request to the head of its answer."
    );
    describe_gauge!(
        "http_server_active_requests",
        "Requests that are under way."
    );
    describe_gauge!("db_client_connections", "Connections to the database.");
    describe_gauge!(
        "db_client_connections_max",
        "How many connections to the database there may be."
    );
    describe_histogram!(
        "db_client_connection_wait_time_seconds",
        "How long a transaction waited for its connection."
    );
    describe_gauge!(
        "database_up",
        "Whether the database answered at this scrape."
    );
    describe_gauge!(
        "password_hashing_busy",
        "Callers whose password is being hashed, or waits for it."
    );
    describe_counter!(
        "password_hashes_total",
        "Password hashes that were computed."
    );
    describe_gauge!(
        "events_waiting",
        "Deliveries that a listener is still to get."
    );
    describe_gauge!(
        "events_retrying",
        "Of these, those that were tried in vain before."
    );
    describe_gauge!("events_lag_seconds", "The age of the oldest of these.");
    describe_gauge!("events_dead_letters", "Deliveries that were given up.");
    describe_counter!(
        "events_retries_total",
        "Attempts of this process in vain that are followed by another one."
    );
    describe_gauge!("tenantry_build_info", "Always 1; the version is a label.");
    Collector::default().describe();
}
