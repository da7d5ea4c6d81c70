//! The route that deletes an organization.

use std::sync::Arc;

use actix_web::web;
use serde_json::json;
use tenantry_core::{
    access::{Actor, TenantContext},
    event::DomainEvent as _,
    id::OrganizationId,
    request,
};
use tenantry_domain_events::events::organizations::{
    OrganizationDeleted, OrganizationDeletionStarted, UserLeftOrganization,
};
use tenantry_http::{Access, Authorized, Body, NoContent, Problem, Routes};

use super::service::DeletionService;
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

/// Marks the context's organization for deletion, and erases it in the background: that may take long,
/// and the client does not depend on it.
///
/// # Errors
/// As [`DeletionService::mark_for_deletion`].
pub async fn delete_organization(
    deletion: Arc<dyn DeletionService>,
    ctx: &TenantContext,
    confirm_slug: &str,
) -> Result<(), OrganizationsError> {
    let marked = deletion.mark_for_deletion(ctx, confirm_slug).await?;
    tokio::spawn(erase(deletion, marked));
    Ok(())
}

/// The same for operators.
///
/// # Errors
/// As [`DeletionService::mark_for_deletion_as`].
pub async fn delete_organization_as(
    deletion: Arc<dyn DeletionService>,
    organization: OrganizationId,
    actor: Actor,
) -> Result<(), OrganizationsError> {
    deletion.mark_for_deletion_as(organization, actor).await?;
    tokio::spawn(erase(deletion, organization));
    Ok(())
}

/// An unfinished erasure is resumed at the next start.
async fn erase(deletion: Arc<dyn DeletionService>, organization: OrganizationId) {
    if let Err(error) = deletion.erase(organization, &|_| {}).await {
        tracing::error!(%error, %organization, "an organization could not be erased");
    }
}
