//! Iterating over the route table.

use tenantry::app;
use tenantry_http::RouteInfo;

/// Every route under `/api`.
pub(crate) fn api_routes() -> Vec<RouteInfo> {
    let mut routes = app::routes().infos();
    routes.retain(|route| route.path.starts_with("/api/"));
    assert!(!routes.is_empty());
    routes
}

/// The route's path with its parameters filled in.
pub(crate) fn filled(route: &RouteInfo, organization: &str, id: &str) -> String {
    let path = route.path.replace("{organization_id}", organization);
    let parameters = ["{id}", "{member_id}", "{invitation_id}", "{token_id}"];
    let path = parameters
        .iter()
        .fold(path, |path, name| path.replace(name, id));
    assert!(!path.contains('{'), "{path} has an unknown parameter");
    path
}

/// Whether a route may write.
pub(crate) fn is_write(route: &RouteInfo) -> bool {
    route.method != "GET"
}
