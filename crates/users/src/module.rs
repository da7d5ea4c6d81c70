//! The module's descriptor.

use std::sync::Arc;

use actix_web::web;
use tenantry_core::{error::ErrorCode, event::EventInfo};
use tenantry_domain_events::events::users::EVENTS;
use tenantry_http::Routes;
use tenantry_module::Module;

use crate::{CookieSettings, ERROR_CODES, UsersService, factors, http, links};

/// The routes of passkeys, if there are any.
fn passkeys() -> Routes {
    #[cfg(feature = "passkeys")]
    return crate::passkeys::routes();
    #[cfg(not(feature = "passkeys"))]
    Routes::new()
}

/// The module, and what it takes from a program whose workers are `W`.
pub struct UsersModule<W> {
    /// Its service, which other modules and commands use too.
    pub service: fn(&W) -> Arc<dyn UsersService>,
    /// The settings of its cookies.
    pub cookies: fn(&W) -> CookieSettings,
}

impl<W> Module<W> for UsersModule<W> {
    fn name(&self) -> &'static str {
        "users"
    }

    fn error_codes(&self) -> &'static [ErrorCode] {
        ERROR_CODES
    }

    fn events(&self) -> Vec<EventInfo> {
        EVENTS.to_vec()
    }

    fn routes(&self) -> Routes {
        http::routes()
            .merge(links::http::routes())
            .merge(factors::routes())
            .merge(passkeys())
    }

    fn provide(&self, worker: &W, app: &mut web::ServiceConfig) {
        app.app_data(web::Data::from((self.service)(worker)));
        app.app_data(web::Data::new((self.cookies)(worker)));
    }
}
