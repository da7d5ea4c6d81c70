//! Resumes deletions that an earlier process did not complete.

use std::sync::Arc;

use tenantry_organizations::OrganizationsService;

use super::App;

/// Erases the organizations that are marked for deletion, in the background. It is safe for several
/// processes to do so at the same time.
pub(super) fn resume_deletions(app: &App) {
    let organizations = Arc::clone(&app.organizations);
    tokio::spawn(async move {
        if let Err(error) = erase(&*organizations).await {
            tracing::error!(%error, "organizations marked for deletion could not be erased");
        }
    });
}

async fn erase(
    organizations: &dyn OrganizationsService,
) -> Result<(), tenantry_organizations::OrganizationsError> {
    for organization in organizations.pending_deletions().await? {
        organizations.erase(organization, &|_| {}).await?;
        tracing::info!(%organization, "an interrupted deletion was completed");
    }
    Ok(())
}
