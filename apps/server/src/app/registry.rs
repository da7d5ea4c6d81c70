//! The one list of modules. Routes, permissions, error codes, events, listeners, services, demo data
//! and checks are loops over it.

use std::{collections::BTreeSet, sync::Arc};

use tenantry_audit::AuditModule;
use tenantry_core::{access::PermissionInfo, error::ErrorCode, event::EventInfo};
use tenantry_http::Routes;
use tenantry_mail::{MailDeps, MailModule};
use tenantry_module::Module;
#[cfg(feature = "web")]
use tenantry_module::OperatorTable;
use tenantry_organizations::OrganizationsModule;
use tenantry_projects::{ProjectsDeps, ProjectsModule};
use tenantry_users::UsersModule;

use super::{App, docs, health};
#[cfg(feature = "web")]
use crate::demo::data as demo_data;

/// Every module. Its fields say what it needs, and from which other module.
pub(crate) static MODULES: &[&dyn Module<App>] = &[
    &UsersModule {
        service: |app: &App| Arc::clone(&app.users),
        cookies: |app: &App| app.shared.cookies.clone(),
    },
    &OrganizationsModule {
        services: |app: &App| &app.organizations,
        deployment: |app: &App| app.deployment(),
    },
    &MailModule { deps: mail_deps },
    &AuditModule {
        database: |app: &App| app.database.clone(),
    },
    &ProjectsModule {
        deps: projects_deps,
        first_project: |app: &App| app.shared.projects.first.clone(),
        archive_after: |app: &App| app.shared.projects.archive_after,
    },
    #[cfg(feature = "web")]
    &tenantry_web::WebModule {
        services: web_services,
    },
];

/// What the pages call.
#[cfg(feature = "web")]
fn web_services(app: &App) -> tenantry_web::Services {
    tenantry_web::Services {
        users: Arc::clone(&app.users),
        organizations: app.organizations.clone(),
        projects: Arc::new(tenantry_projects::service(projects_deps(app))),
        audit: Arc::new(tenantry_audit::service(app.database.clone())),
        deliveries: app.deliveries(),
        jobs: app.jobs(),
        deployment: app.deployment().clone(),
        signup: app.shared.organizations.signup,
        demo: app.shared.shows_demo.then(demo_data::login_shown),
        tables: operator_tables(app),
        brand: Arc::clone(&app.shared.brand),
    }
}

fn mail_deps(app: &App) -> MailDeps {
    MailDeps {
        mailer: Arc::clone(&app.shared.mailer),
        sender: app.shared.sender.clone(),
        base_url: app.shared.public_url.clone(),
        users: Arc::clone(&app.users),
        directory: Arc::clone(&app.organizations.directory),
        received: Arc::clone(&app.organizations.received),
        runtime: app.database.runtime().clone(),
    }
}

fn projects_deps(app: &App) -> ProjectsDeps {
    ProjectsDeps {
        database: app.database.clone(),
        quotas: Arc::clone(&app.organizations.quotas),
    }
}

/// Every route of every module.
#[must_use]
pub fn routes() -> Routes {
    let server = health::routes().merge(docs::routes());
    let modules = MODULES.iter().map(|module| module.routes());
    modules.fold(server, Routes::merge)
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
    let modules = MODULES.iter().flat_map(|module| module.permissions());
    modules.copied().collect()
}

/// Every error code that a client may get.
#[must_use]
pub fn error_codes() -> Vec<ErrorCode> {
    let server = [tenantry_http::ERROR_CODES, health::ERROR_CODES].concat();
    let modules = MODULES.iter().flat_map(|module| module.error_codes());
    server.into_iter().chain(modules.copied()).collect()
}

/// Every table that operators may look at.
#[cfg(feature = "web")]
fn operator_tables(app: &App) -> Arc<[Arc<dyn OperatorTable>]> {
    let modules = MODULES.iter();
    modules
        .flat_map(|module| module.operator_tables(app))
        .collect()
}

/// Every event that a module records.
#[must_use]
pub fn events() -> Vec<EventInfo> {
    MODULES.iter().flat_map(|module| module.events()).collect()
}
