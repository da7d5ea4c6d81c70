//! Iterating over the route table.

use std::sync::LazyLock;

use actix_web::http::Method;
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

/// The collections of an organization whose resources have an id: the routes that create one.
static COLLECTIONS: LazyLock<Vec<RouteInfo>> = LazyLock::new(|| {
    let routes = app::routes().infos();
    let has_ids = |path: &str| {
        let member = format!("{path}/{{id}}");
        routes.iter().any(|route| route.path == member)
    };
    let creates = |route: &&RouteInfo| {
        route.method == Method::POST
            && route.access.permission().is_some()
            && !route.is_page
            && !route.path.contains("{organization_id}")
            && has_ids(route.path)
    };
    routes.iter().filter(creates).cloned().collect()
});

/// See [`COLLECTIONS`].
pub(crate) fn collections() -> &'static [RouteInfo] {
    &COLLECTIONS
}
