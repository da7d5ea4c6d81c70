//! The composition root: the one place that knows every module.
//!
//! - [`App`]: the modules, wired to one database
//! - [`routes`], [`permissions`] and [`error_codes`] of all modules; [`reserved_slugs`]
//! - [`document`]: the OpenAPI document
//! - [`start`]: starts the server; [`RunningServer`] is its handle

mod backlog;
mod docs;
mod edge;
mod erasure;
mod health;
mod metrics;
mod modules;
mod pruning;
pub(crate) mod schema;
mod secret;
mod server;

use std::collections::BTreeSet;

use tenantry_core::{access::PermissionInfo, error::ErrorCode};
use tenantry_http::Routes;

pub use docs::document;
pub use modules::App;
pub(crate) use secret::secret_beside;
pub use server::{RunningServer, start};

/// Every route of every module.
#[must_use]
pub fn routes() -> Routes {
    health::routes()
        .merge(docs::routes())
        .merge(tenantry_users::routes())
        .merge(tenantry_organizations::routes())
        .merge(tenantry_audit::routes())
        .merge(tenantry_projects::routes())
}

/// Slugs that no new organization gets: the first two segments of every route, such as `projects`
/// of `/api/projects`.
#[must_use]
pub fn reserved_slugs() -> BTreeSet<String> {
    let routes = routes().infos();
    let segments = routes
        .iter()
        .flat_map(|route| route.path.split('/').skip(1).take(2));
    let literal = segments.filter(|segment| !segment.starts_with('{'));
    literal.map(str::to_owned).collect()
}

/// Every permission of every module.
#[must_use]
pub fn permissions() -> Vec<PermissionInfo> {
    [
        tenantry_audit::PERMISSIONS,
        tenantry_organizations::PERMISSIONS,
        tenantry_projects::PERMISSIONS,
    ]
    .concat()
}

/// Every error code that a client may get.
#[must_use]
pub fn error_codes() -> Vec<ErrorCode> {
    [
        tenantry_http::ERROR_CODES,
        health::ERROR_CODES,
        tenantry_users::ERROR_CODES,
        tenantry_organizations::ERROR_CODES,
        tenantry_projects::ERROR_CODES,
    ]
    .concat()
}
