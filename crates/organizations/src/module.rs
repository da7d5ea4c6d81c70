//! The module's descriptor.

use std::sync::Arc;

use actix_web::web;
use async_trait::async_trait;
use tenantry_core::{
    access::PermissionInfo, deployment::Deployment, error::ErrorCode, event::EventInfo,
};
use tenantry_domain_events::{
    EventBus,
    events::organizations::{ACCOUNT_EVENTS, EVENTS},
};
use tenantry_http::Routes;
use tenantry_module::{Check, Module};

use crate::{
    error_codes::ERROR_CODES, listeners, permissions::PERMISSIONS, routes, services::Organizations,
};

/// The module, and what it takes from a program whose workers are `W`.
pub struct OrganizationsModule<W> {
    /// Its services, which other modules and commands use too.
    pub services: fn(&W) -> &Organizations,
    /// The deployment mode.
    pub deployment: fn(&W) -> &Deployment,
}

#[async_trait]
impl<W: Sync> Module<W> for OrganizationsModule<W> {
    fn name(&self) -> &'static str {
        "organizations"
    }

    fn permissions(&self) -> &'static [PermissionInfo] {
        PERMISSIONS
    }

    fn error_codes(&self) -> &'static [ErrorCode] {
        ERROR_CODES
    }

    fn events(&self) -> Vec<EventInfo> {
        [EVENTS, ACCOUNT_EVENTS].concat()
    }

    fn routes(&self) -> Routes {
        routes::routes()
    }

    fn subscribe(&self, process: &W, bus: &EventBus) {
        let memberships = Arc::clone(&(self.services)(process).dedicated);
        listeners::subscribe(bus, memberships);
    }

    fn provide(&self, worker: &W, app: &mut web::ServiceConfig) {
        routes::provide((self.services)(worker), app);
    }

    /// Whether the organization of a dedicated deployment can be used.
    async fn check(&self, process: &W) -> Vec<Check> {
        const NAME: &str = "organization";
        let Deployment::Dedicated { organization } = (self.deployment)(process) else {
            return Vec::new();
        };
        let directory = &(self.services)(process).directory;
        let found = directory.find_by_slug(organization).await;
        vec![match found {
            Ok(Some(found)) if found.is_active => {
                Check::fine(NAME, format!("{organization} is there"))
            }
            Ok(Some(_)) => Check::finding(
                NAME,
                format!("{organization} is disabled"),
                format!("run `tenantry org enable {organization}`"),
            ),
            Ok(None) => Check::finding(
                NAME,
                format!("{organization} does not exist yet"),
                "run `tenantry user create` for its owner and `tenantry org create`",
            ),
            Err(error) => Check::finding(
                NAME,
                format!("{organization} can't be looked up: {error}"),
                "start the server and see what it says",
            ),
        }]
    }
}
