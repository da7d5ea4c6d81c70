//! The description of a route's access and its errors. It mirrors [`authorize`](crate::authorize).

use actix_web::http::StatusCode;
use serde_json::{Value, json};

use super::{
    super::{RouteInfo, authorize::QueryPolicy, edge::is_api},
    Operation,
};
use tenantry_core::{
    access::{AccessError, Role},
    page::PageError,
};

/// The names of the security schemes.
pub(super) const SESSION: &str = "session";
pub(super) const TOKEN: &str = "token";

/// Adds the errors of the authorization to the description of a route.
pub(in super::super) fn describe(
    route: &RouteInfo,
    query: QueryPolicy,
    operation: &mut Operation<'_>,
) {
    operation.error(StatusCode::BAD_REQUEST, "malformed_host");
    operation.error(
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        "headers_too_large",
    );
    operation.error(StatusCode::BAD_REQUEST, "unknown_parameter");
    operation.error(StatusCode::INTERNAL_SERVER_ERROR, "internal_error");
    if query == QueryPolicy::Parsed {
        operation.domain_error(&PageError::InvalidCursor);
    }
    if !is_api(route.path) {
        return;
    }
    operation.error(StatusCode::SERVICE_UNAVAILABLE, "unavailable");
    operation.error(StatusCode::SERVICE_UNAVAILABLE, "overloaded");
    operation.error(StatusCode::SERVICE_UNAVAILABLE, "database_unavailable");
    operation.error(StatusCode::TOO_MANY_REQUESTS, "rate_limited");
    operation.error(StatusCode::BAD_REQUEST, "repeated_header");
    operation.domain_error(&AccessError::ConflictingCredentials);
    operation.domain_error(&AccessError::InvalidOrganizationHeader);
    if !route.method.is_safe() {
        operation.error(StatusCode::FORBIDDEN, "origin_refused");
    }

    let access = &route.access;
    if access.is_anyone() {
        return;
    }
    if access.is_for_operators() {
        operation.error(StatusCode::NOT_FOUND, "not_found");
        return;
    }
    operation.domain_error(&AccessError::NotAuthenticated);
    operation.domain_error(&AccessError::InvalidCredential);
    if !access.is_for_unverified() {
        operation.domain_error(&AccessError::EmailNotVerified);
    }
    if access.is_session_only() {
        operation.domain_error(&AccessError::SessionRequired);
    }
    let Some(permission) = access.permission() else {
        return;
    };
    let slug = json!({"$ref": "#/components/schemas/Slug"});
    let named = "The organization of the request";
    operation.request_header("X-Organization-Slug", named, slug);
    operation.domain_error(&AccessError::OrganizationContextConflict);
    operation.domain_error(&AccessError::OrganizationNotFound);
    // Of an organization that requires it.
    operation.domain_error(&AccessError::SecondFactorMissing);
    operation.domain_error(&AccessError::SecondFactorRequired);
    if permission.min_role > Role::Viewer {
        operation.error(StatusCode::FORBIDDEN, "permission_denied");
    }
    if !access.needs_organization_in_path() {
        operation.domain_error(&AccessError::OrganizationRequired);
        operation.domain_error(&AccessError::ActiveOrganizationUnavailable);
    }
}

/// The credentials that the route accepts.
pub(super) fn security(route: &RouteInfo) -> Value {
    let access = &route.access;
    if access.is_anyone() {
        json!([])
    } else if access.is_session_only() || access.is_for_operators() {
        json!([{SESSION: []}])
    } else {
        json!([{SESSION: []}, {TOKEN: []}])
    }
}
