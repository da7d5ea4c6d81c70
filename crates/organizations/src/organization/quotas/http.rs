//! The route of the billing view.

use actix_web::web;
use tenantry_core::access::TenantContext;
use tenantry_http::{Access, Authorized, Problem, Routes};

use super::billing::{Billing, BillingService};
use crate::permissions::ViewBilling;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get(
            "/api/organizations/{organization_id}/billing",
            Access::path_organization::<ViewBilling>(),
            billing,
        )
        .operation("get_billing", "An organization's usage and limits")
}

async fn billing(
    Authorized(ctx): Authorized<TenantContext>,
    billing: web::Data<dyn BillingService>,
) -> Result<web::Json<Billing>, Problem> {
    Ok(web::Json(billing.billing(&ctx).await?))
}
