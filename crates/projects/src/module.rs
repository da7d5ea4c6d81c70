//! The module's descriptor.

use std::{sync::Arc, time::Duration};

use actix_web::web;
use async_trait::async_trait;
use tenantry_core::{
    access::PermissionInfo, error::ErrorCode, event::EventInfo, quota::Quota, value::Name,
};
use tenantry_domain_events::EventBus;
use tenantry_http::Routes;
use tenantry_module::{DemoError, DemoOrganization, Module, OperatorTable};

use crate::{
    ERROR_CODES, PERMISSIONS, ProjectsDeps, ProjectsService, demo, events::EVENTS, http, jobs,
    listeners, operator_table::ProjectsTable, quota::PROJECTS, service,
};

/// The module, and what it takes from a program whose workers are `W`.
pub struct ProjectsModule<W> {
    /// What its service needs.
    pub deps: fn(&W) -> ProjectsDeps,
    /// The name of the first project of each new organization, if it gets one.
    pub first_project: fn(&W) -> Option<Name>,
    /// How long an active project stays unchanged until it is archived, if it ever is.
    pub archive_after: fn(&W) -> Option<Duration>,
}

#[async_trait]
impl<W: Sync> Module<W> for ProjectsModule<W> {
    fn name(&self) -> &'static str {
        "projects"
    }

    fn permissions(&self) -> &'static [PermissionInfo] {
        PERMISSIONS
    }

    fn error_codes(&self) -> &'static [ErrorCode] {
        ERROR_CODES
    }

    fn events(&self) -> Vec<EventInfo> {
        EVENTS.to_vec()
    }

    fn quotas(&self) -> Vec<Quota> {
        vec![PROJECTS]
    }

    fn routes(&self) -> Routes {
        http::routes()
    }

    fn subscribe(&self, process: &W, bus: &EventBus) {
        listeners::subscribe(bus, (self.first_project)(process));
        jobs::handle_jobs(bus, (self.archive_after)(process));
    }

    fn provide(&self, worker: &W, app: &mut web::ServiceConfig) {
        let projects: Arc<dyn ProjectsService> = Arc::new(service((self.deps)(worker)));
        app.app_data(web::Data::from(projects));
    }

    fn operator_tables(&self, worker: &W) -> Vec<Arc<dyn OperatorTable>> {
        vec![Arc::new(ProjectsTable(service((self.deps)(worker))))]
    }

    async fn seed(&self, process: &W, demo: &DemoOrganization<'_>) -> Result<(), DemoError> {
        demo::seed(&service((self.deps)(process)), demo).await
    }
}
