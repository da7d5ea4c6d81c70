//! Deletions whose erasure runs in the background.

use std::sync::Arc;

use tenantry_core::{
    access::{Actor, TenantContext},
    id::OrganizationId,
};

use super::service::DeletionService;
use crate::error::OrganizationsError;

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
