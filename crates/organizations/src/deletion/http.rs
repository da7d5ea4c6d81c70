//! The route that ends an organization.

use std::sync::Arc;

use actix_web::web;
use tenantry_core::{access::TenantContext, id::OrganizationId, request};
use tenantry_http::{Access, Authorized, Body, NoContent, Problem, Routes};

use crate::{DeleteOrganization, OrganizationsError, OrganizationsService};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .delete(
            "/api/organizations/{organization_id}",
            Access::path_organization::<DeleteOrganization>(),
            delete,
        )
        .operation(
            "delete_organization",
            "End an organization, with all that it has",
        )
        .errors([OrganizationsError::WrongConfirmation])
}

request! {
    /// That it is meant.
    struct DeleteOrganizationOf {
        /// The organization's slug, to show that it is meant.
        confirm_slug: String,
    }
}

async fn delete(
    Authorized(ctx): Authorized<TenantContext>,
    Body(body): Body<DeleteOrganizationOf>,
    organizations: web::Data<dyn OrganizationsService>,
) -> Result<NoContent, Problem> {
    let pending_deletions = organizations
        .mark_for_deletion(&ctx, &body.confirm_slug)
        .await?;
    // Nobody waits for the rest, which may take long: it is of no use to anybody any more.
    tokio::spawn(erase(organizations.into_inner(), pending_deletions));
    Ok(NoContent)
}

/// What is not done to the end here is gone on with at the next start.
async fn erase(organizations: Arc<dyn OrganizationsService>, pending_deletions: OrganizationId) {
    if let Err(error) = organizations.erase(pending_deletions, &|_| {}).await {
        tracing::error!(%error, %pending_deletions, "an organization could not be erased");
    }
}
