//! The route of the billing view.

use actix_web::{Responder, web};
use tenantry_core::{
    access::TenantContext,
    http::{Access, Problem, Routes},
};

use crate::{OrganizationsService, ViewBilling};

pub(crate) fn routes() -> Routes {
    Routes::new().get(
        "/api/organizations/{organization_id}/billing",
        Access::path_organization::<ViewBilling>(),
        billing,
    )
}

async fn billing(
    ctx: TenantContext,
    organizations: web::Data<dyn OrganizationsService>,
) -> Result<impl Responder, Problem> {
    Ok(web::Json(organizations.billing(&ctx).await?))
}
