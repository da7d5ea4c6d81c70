//! The metrics and the access log of every request: only its route, method and status, because a path,
//! query, header or body may hold confidential data.

use std::time::Instant;

use actix_web::{
    dev::ServiceRequest,
    http::{Method, StatusCode},
};
use metrics::{counter, gauge, histogram};
use tracing::{Span, field::Empty};

use super::ClientAddress;
use tenantry_core::{
    access::{ResolvedContext, TenantContext},
    id::Uuid,
};

/// The route of every unknown path.
const NO_ROUTE: &str = "unknown";

/// The metrics of a running request.
pub(super) struct RequestMetrics {
    method: &'static str,
    route: String,
    start: Instant,
    is_answered: bool,
}

impl RequestMetrics {
    /// For a request that `arrived` then, and may have waited for a permit.
    pub(super) fn start(request: &ServiceRequest, arrived: Instant) -> Self {
        gauge!("http_server_active_requests").increment(1.0);
        Self {
            method: known(request.method()),
            route: request.match_pattern().unwrap_or_else(|| NO_ROUTE.into()),
            start: arrived,
            is_answered: false,
        }
    }

    /// The span of the request, which adds its ids to every log line.
    pub(super) fn span(&self, id: Uuid, client: ClientAddress) -> Span {
        // At the highest level, so that no filter removes the ids from the remaining lines.
        tracing::error_span!(
            "request",
            request_id = %id,
            %client,
            method = self.method,
            route = self.route,
            user_id = Empty,
            organization_id = Empty,
        )
    }

    /// Counts the response and writes the line of the access log. Call it within the span.
    pub(super) fn response_sent(mut self, status: StatusCode) {
        self.is_answered = true;
        let took = self.start.elapsed();
        let route = std::mem::take(&mut self.route);
        let labels = [("method", self.method.to_owned()), ("route", route)];
        histogram!("http_server_request_duration_seconds", &labels).record(took);
        let [method, route] = labels;
        let labels = [method, route, ("status", class(status).to_owned())];
        counter!("http_server_requests_total", &labels).increment(1);
        let duration_ms = took.as_micros() as f64 / 1000.0;
        tracing::info!(target: "access", status = status.as_u16(), duration_ms, "answered");
    }
}

impl Drop for RequestMetrics {
    fn drop(&mut self) {
        gauge!("http_server_active_requests").decrement(1.0);
        if !self.is_answered {
            tracing::info!(target: "access", "the client hung up");
        }
    }
}

/// Counts and logs a request that was rejected without a permit. Its route is unknown: matching it
/// would be work.
pub(super) fn record_rejection(method: &Method, id: Uuid, status: StatusCode, arrived: Instant) {
    let labels = [
        ("method", known(method)),
        ("route", NO_ROUTE),
        ("status", class(status)),
    ];
    counter!("http_server_requests_total", &labels).increment(1);
    let duration_ms = arrived.elapsed().as_micros() as f64 / 1000.0;
    tracing::info!(target: "access", request_id = %id, status = status.as_u16(), duration_ms, "no room");
}

/// Adds the caller and its organization to the request's span.
pub(super) fn record_caller(context: &ResolvedContext) {
    let organization = context.tenant.as_ref().map(TenantContext::organization);
    // Together: each record formats all fields of the span again.
    tracing::record_all!(
        Span::current(),
        user_id = %context.caller.user(),
        organization_id = organization.map(tracing::field::display)
    );
}

/// Unknown methods count as one, because a client can invent any.
fn known(method: &Method) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let found = known.into_iter().find(|name| method.as_str() == *name);
    found.unwrap_or("other")
}

fn class(status: StatusCode) -> &'static str {
    ["1xx", "2xx", "3xx", "4xx", "5xx"][usize::from(status.as_u16() / 100).clamp(1, 5) - 1]
}
