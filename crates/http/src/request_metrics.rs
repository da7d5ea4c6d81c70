//! What is logged and counted of every request: never more than its route, its method and its
//! status. A path, a query, a header or a body may hold what is nobody else's.

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

/// The route of every path that has none.
const NO_ROUTE: &str = "unknown";

/// A request that is under way.
pub(super) struct Observed {
    method: &'static str,
    route: String,
    begun: Instant,
    answered: bool,
}

impl Observed {
    /// Of a request that `arrived` then, and may have waited for room.
    pub(super) fn begin(request: &ServiceRequest, arrived: Instant) -> Self {
        gauge!("http_server_active_requests").increment(1.0);
        Self {
            method: known(request.method()),
            route: request.match_pattern().unwrap_or_else(|| NO_ROUTE.into()),
            begun: arrived,
            answered: false,
        }
    }

    /// The span of the request. Whatever is logged within says whose request it was.
    pub(super) fn span(&self, id: Uuid, client: ClientAddress) -> Span {
        // Of the highest level, so that no filter takes the ids from the lines that it lets by.
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

    /// Counts the answer, and writes the one line about it. To be called within the span.
    pub(super) fn answered(mut self, status: StatusCode) {
        self.answered = true;
        let took = self.begun.elapsed();
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

impl Drop for Observed {
    fn drop(&mut self) {
        gauge!("http_server_active_requests").decrement(1.0);
        if !self.answered {
            tracing::info!(target: "access", "the client hung up");
        }
    }
}

/// Counts a request that found no room, and writes a line about it. Of what it wanted nothing is
/// known: to find its route out would be work.
pub(super) fn refused(method: &Method, id: Uuid, status: StatusCode, arrived: Instant) {
    let labels = [
        ("method", known(method)),
        ("route", NO_ROUTE),
        ("status", class(status)),
    ];
    counter!("http_server_requests_total", &labels).increment(1);
    let duration_ms = arrived.elapsed().as_micros() as f64 / 1000.0;
    tracing::info!(target: "access", request_id = %id, status = status.as_u16(), duration_ms, "no room");
}

/// Tells the request's span who calls, and in which organization.
pub(super) fn identify(admission: &ResolvedContext) {
    let organization = admission.tenant.as_ref().map(TenantContext::organization);
    // Together: each time that a span learns something, all of it is written anew.
    tracing::record_all!(
        Span::current(),
        user_id = %admission.caller.user(),
        organization_id = organization.map(tracing::field::display)
    );
}

/// A client can make up methods; they count as one.
fn known(method: &Method) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let found = known.into_iter().find(|name| method.as_str() == *name);
    found.unwrap_or("other")
}

fn class(status: StatusCode) -> &'static str {
    ["1xx", "2xx", "3xx", "4xx", "5xx"][usize::from(status.as_u16() / 100).clamp(1, 5) - 1]
}
