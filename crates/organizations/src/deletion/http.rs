//! The route that ends an organization.

use std::sync::Arc;

use actix_web::web;
use tenantry_core::{
    access::TenantContext,
    http::{Access, Body, NoContent, Problem, Routes},
    id::OrganizationId,
    request,
};

use crate::{DeleteOrganization, OrganizationsError, OrganizationsService};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .delete(
            "/api/organizations/{organization_id}",
            Access::path_organization::<DeleteOrganization>(),
            delete,
        )
        .says(
            "delete_organization",
            "End an organization, with all that it has",
        )
        .refuses([OrganizationsError::WrongConfirmation])
}

request! {
    /// That it is meant.
    struct DeleteOrganizationOf {
        /// The organization's slug, to show that it is meant.
        confirm_slug: String,
    }
}

async fn delete(
    ctx: TenantContext,
    Body(body): Body<DeleteOrganizationOf>,
    organizations: web::Data<dyn OrganizationsService>,
) -> Result<NoContent, Problem> {
    let condemned = organizations.condemn(&ctx, &body.confirm_slug).await?;
    // Nobody waits for the rest, which may take long: it is of no use to anybody any more.
    tokio::spawn(erase(organizations.into_inner(), condemned));
    Ok(NoContent)
}

/// What is not done to the end here is gone on with at the next start.
async fn erase(organizations: Arc<dyn OrganizationsService>, condemned: OrganizationId) {
    if let Err(error) = organizations.erase(condemned, &|_| {}).await {
        tracing::error!(%error, %condemned, "an organization could not be erased");
    }
}
