//! The route that deletes an organization.

use actix_web::web;
use serde_json::json;
use tenantry_core::{
    access::{AccessError, TenantContext},
    event::DomainEvent as _,
    request,
};
use tenantry_domain_events::events::organizations::{
    OrganizationDeleted, OrganizationDeletionStarted, UserLeftOrganization,
};
use tenantry_http::{Access, Authorized, Body, NoContent, Problem, Routes};

use super::{background::delete_organization, service::DeletionService};
use crate::{error::OrganizationsError, permissions::DeleteOrganization};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .delete(
            "/api/organizations/{organization_id}",
            Access::path_organization::<DeleteOrganization>(),
            delete,
        )
        .operation(
            "delete_organization",
            "Delete an organization with all its data",
        )
        .sample(|_| json!({"confirm_slug": "to-delete"}))
        .records(&[
            OrganizationDeletionStarted::NAME,
            UserLeftOrganization::NAME,
            OrganizationDeleted::NAME,
        ])
        .errors([OrganizationsError::WrongConfirmation])
        .errors([AccessError::SecondFactorRequired])
}

request! {
    /// The confirmation.
    struct DeleteOrganizationOf {
        /// The organization's slug, as a confirmation.
        confirm_slug: String,
    }
}

async fn delete(
    Authorized(ctx): Authorized<TenantContext>,
    Body(body): Body<DeleteOrganizationOf>,
    deletion: web::Data<dyn DeletionService>,
) -> Result<NoContent, Problem> {
    delete_organization(deletion.into_inner(), &ctx, &body.confirm_slug).await?;
    Ok(NoContent)
}
