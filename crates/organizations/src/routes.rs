//! The routes of the module, and the services that their handlers use.

use actix_web::web::{Data, ServiceConfig};
use tenantry_http::Routes;

use crate::{
    membership::{invitations, members, signup},
    operators,
    organization::{self, deletion, quotas, settings},
    services::Organizations,
    tokens,
};

/// The routes of the module.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .tag("admin", "What operators of the deployment see and do")
        .tag("invitations", "Joining an organization by a link")
        .tag(
            "organizations",
            "Organizations, members, invitations, settings and the audit log",
        )
        .tag("reports", "Reports over all organizations, for operators")
        .tag("tokens", "Personal API tokens")
        .merge(organization::http::routes())
        .merge(tokens::http::routes())
        .merge(invitations::http::routes())
        .merge(invitations::received::http::routes())
        .merge(signup::http::routes())
        .merge(settings::http::routes())
        .merge(quotas::http::routes())
        .merge(operators::http::routes())
        .merge(deletion::http::routes())
        .merge(members::http::routes())
}

/// Provides the services to the handlers, in one worker.
pub(crate) fn provide(services: &Organizations, app: &mut ServiceConfig) {
    let services = services.clone();
    app.app_data(Data::from(services.organizations))
        .app_data(Data::from(services.settings))
        .app_data(Data::from(services.billing))
        .app_data(Data::from(services.deletion))
        .app_data(Data::from(services.members))
        .app_data(Data::from(services.invitations))
        .app_data(Data::from(services.received))
        .app_data(Data::from(services.signup))
        .app_data(Data::from(services.tokens))
        .app_data(Data::from(services.operators));
}
