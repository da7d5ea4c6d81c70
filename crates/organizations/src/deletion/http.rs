//! The route that ends an organization.

use std::sync::Arc;

use actix_web::{HttpResponse, Responder, web};
use tenantry_core::{
    access::TenantContext,
    http::{Access, Body, Problem, Routes},
    id::OrganizationId,
    request,
};

use crate::{DeleteOrganization, OrganizationsService};

pub(crate) fn routes() -> Routes {
    Routes::new().delete(
        "/api/organizations/{organization_id}",
        Access::path_organization::<DeleteOrganization>(),
        delete,
    )
}

request! {
    /// That it is meant.
    struct Confirmation {
        confirm_slug: String,
    }
}

async fn delete(
    ctx: TenantContext,
    Body(body): Body<Confirmation>,
    organizations: web::Data<dyn OrganizationsService>,
) -> Result<impl Responder, Problem> {
    let condemned = organizations.condemn(&ctx, &body.confirm_slug).await?;
    // Nobody waits for the rest, which may take long: it is of no use to anybody any more.
    tokio::spawn(erase(organizations.into_inner(), condemned));
    Ok(HttpResponse::NoContent())
}

/// What is not done to the end here is gone on with at the next start.
async fn erase(organizations: Arc<dyn OrganizationsService>, condemned: OrganizationId) {
    if let Err(error) = organizations.erase(condemned, &|_| {}).await {
        tracing::error!(%error, %condemned, "an organization could not be erased");
    }
}
