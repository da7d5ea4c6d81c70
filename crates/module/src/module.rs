//! The descriptor of a module.

use std::sync::Arc;

use actix_web::web;
use async_trait::async_trait;
use tenantry_core::{access::PermissionInfo, error::ErrorCode, event::EventInfo, quota::Quota};
use tenantry_domain_events::EventBus;
use tenantry_http::Routes;

use crate::{Check, DemoError, DemoOrganization, OperatorTable};

/// A module, as the composition root and the tests know it.
///
/// What a module declares is known without a database. Everything else gets a `W`: what the
/// composition root has for each worker. A module does not know that type; its descriptor holds
/// functions that take from it what the module needs.
#[async_trait]
pub trait Module<W>: Send + Sync {
    /// The module's name, which its events and listeners start with.
    fn name(&self) -> &'static str;

    /// The permissions that its routes and services require.
    fn permissions(&self) -> &'static [PermissionInfo] {
        &[]
    }

    /// The error codes that its routes respond with, besides those of the HTTP layer.
    fn error_codes(&self) -> &'static [ErrorCode] {
        &[]
    }

    /// The events that it records.
    fn events(&self) -> Vec<EventInfo> {
        Vec::new()
    }

    /// The quotas that it registers.
    fn quotas(&self) -> Vec<Quota> {
        Vec::new()
    }

    /// Its routes.
    fn routes(&self) -> Routes {
        Routes::new()
    }

    /// Registers its listeners. Called once.
    fn subscribe(&self, _process: &W, _bus: &EventBus) {}

    /// Provides what its handlers extract. Called once for each worker.
    fn provide(&self, _worker: &W, _app: &mut web::ServiceConfig) {}

    /// Creates its part of the demo data in an organization. Data that exists stays as it is.
    async fn seed(&self, _process: &W, _demo: &DemoOrganization<'_>) -> Result<(), DemoError> {
        Ok(())
    }

    /// The tables that operators may look at.
    fn operator_tables(&self, _worker: &W) -> Vec<Arc<dyn OperatorTable>> {
        Vec::new()
    }

    /// Checks its part of a deployment, for `tenantry doctor`.
    async fn check(&self, _process: &W) -> Vec<Check> {
        Vec::new()
    }
}
