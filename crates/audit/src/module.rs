//! The module's descriptor.

use std::sync::Arc;

use actix_web::web;
use tenantry_core::{access::PermissionInfo, db::Database};
use tenantry_http::Routes;
use tenantry_module::Module;

use crate::{AuditLog, PERMISSIONS, http, service};

/// The module, and what it takes from a program whose workers are `W`.
pub struct AuditModule<W> {
    /// The database.
    pub database: fn(&W) -> Database,
}

impl<W: Sync> Module<W> for AuditModule<W> {
    fn name(&self) -> &'static str {
        "audit"
    }

    fn permissions(&self) -> &'static [PermissionInfo] {
        PERMISSIONS
    }

    fn routes(&self) -> Routes {
        http::routes()
    }

    fn provide(&self, worker: &W, app: &mut web::ServiceConfig) {
        let audit: Arc<dyn AuditLog> = Arc::new(service((self.database)(worker)));
        app.app_data(web::Data::from(audit));
    }
}
