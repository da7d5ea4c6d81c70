//! The recorder that holds metrics between scrapes.

use std::sync::OnceLock;

use metrics::{counter, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use metrics_process::Collector;
use tenantry_http::{REFUSED_CONNECTIONS, UNTRUSTED_FORWARDING};
use tenantry_users::DENIALS_DROPPED;

use crate::log_output::DROPPED;

/// Histogram buckets in seconds: from a cached read to a request that times out.
const BUCKETS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// The recorder of this process, installed by the first call.
pub(super) fn recorder() -> &'static PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER.get_or_init(|| {
        let seconds = Matcher::Suffix("_seconds".to_owned());
        let builder = PrometheusBuilder::new().set_buckets_for_metric(seconds, BUCKETS);
        let recorder = builder.expect("there are buckets").build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("this process already has a metrics recorder; ours stays empty");
        }
        describe();
        handle
    })
}

fn describe() {
    describe_counter!(
        "http_server_requests_total",
        "Requests that got a response."
    );
    describe_histogram!(
        "http_server_request_duration_seconds",
        "Time from the head of a request to the head of its response."
    );
    describe_gauge!("http_server_active_requests", "Requests in progress.");
    describe_counter!(
        UNTRUSTED_FORWARDING,
        "Requests with forwarding headers from an address that is not trusted."
    );
    // It is exported from the start, so that an alert on it has a first value.
    counter!(UNTRUSTED_FORWARDING).increment(0);
    describe_counter!(
        REFUSED_CONNECTIONS,
        "Connections that were closed, because their address had its share of them."
    );
    counter!(REFUSED_CONNECTIONS).increment(0);
    describe_counter!(
        DROPPED,
        "Lines that the log lacks: it could not be written, or malformed requests had too many."
    );
    for reason in ["unwritable", "rate"] {
        counter!(DROPPED, "reason" => reason).increment(0);
    }
    describe_counter!(
        DENIALS_DROPPED,
        "Failed sign-ins and refusals that no entry tells of, because too many came at a time."
    );
    for kind in ["sign_in", "permission"] {
        counter!(DENIALS_DROPPED, "kind" => kind).increment(0);
    }
    describe_gauge!("db_client_connections", "Connections to the database.");
    describe_gauge!(
        "db_client_connections_max",
        "Maximum number of connections to the database."
    );
    describe_histogram!(
        "db_client_connection_wait_time_seconds",
        "Time a transaction waited for a connection."
    );
    describe_gauge!(
        "database_up",
        "Whether the database responded at this scrape."
    );
    describe_gauge!(
        "password_hashing_busy",
        "Password hashes in progress or queued."
    );
    describe_counter!("password_hashes_total", "Password hashes computed.");
    describe_gauge!("events_waiting", "Deliveries pending for a listener.");
    describe_gauge!("events_retrying", "Pending deliveries that failed before.");
    describe_gauge!("events_lag_seconds", "Age of the oldest pending delivery.");
    describe_gauge!(
        "events_dead_letters",
        "Deliveries given up after the last attempt."
    );
    describe_counter!(
        "events_retries_total",
        "Failed attempts of this process that will be retried."
    );
    describe_gauge!(
        "tenantry_jobs_waiting",
        "Jobs that wait for their time, are due, or are parked with their organization."
    );
    describe_gauge!("tenantry_jobs_retrying", "Waiting jobs that failed before.");
    describe_gauge!(
        "tenantry_jobs_lag_seconds",
        "For how long the oldest job that is due has been due."
    );
    describe_gauge!(
        "tenantry_jobs_dead_letters",
        "Jobs given up after the last attempt."
    );
    describe_counter!("tenantry_jobs_total", "Attempts of this process at jobs.");
    describe_gauge!("tenantry_build_info", "Always 1; the version is a label.");
    Collector::default().describe();
}
