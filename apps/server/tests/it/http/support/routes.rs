//! The route table, walked.

use tenantry::app;
use tenantry_http::RouteInfo;

/// Every route under `/api`.
pub(crate) fn api_routes() -> Vec<RouteInfo> {
    let mut routes = app::routes().infos();
    routes.retain(|route| route.path.starts_with("/api/"));
    assert!(!routes.is_empty());
    routes
}

/// The route's path, with values for its parameters.
pub(crate) fn filled(route: &RouteInfo, organization: &str, id: &str) -> String {
    let path = route.path.replace("{organization_id}", organization);
    let parameters = ["{id}", "{member_id}", "{invitation_id}", "{token_id}"];
    let path = parameters
        .iter()
        .fold(path, |path, name| path.replace(name, id));
    assert!(
        !path.contains('{'),
        "{path} has a parameter of another name"
    );
    path
}

/// Whether a route may change something.
pub(crate) fn is_write(route: &RouteInfo) -> bool {
    route.method != "GET"
}
