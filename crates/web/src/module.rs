//! The descriptor.

use std::sync::Arc;

use actix_web::web;
use tenantry_core::error::ErrorCode;
use tenantry_http::{ErrorPages, Routes};
use tenantry_module::Module;

use crate::{Services, error_pages::Pages, pages};

/// The pages, and what they take from a program whose workers are `W`.
pub struct WebModule<W> {
    /// The services that they call.
    pub services: fn(&W) -> Services,
}

impl<W> Module<W> for WebModule<W> {
    fn name(&self) -> &'static str {
        "web"
    }

    fn error_codes(&self) -> &'static [ErrorCode] {
        &[]
    }

    fn routes(&self) -> Routes {
        pages::routes()
    }

    fn provide(&self, worker: &W, app: &mut web::ServiceConfig) {
        let services = (self.services)(worker);
        let errors: Arc<dyn ErrorPages> = Arc::new(Pages::new(Arc::clone(&services.brand)));
        app.app_data(web::Data::from(errors));
        app.app_data(web::Data::new(services));
    }
}
