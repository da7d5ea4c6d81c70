//! Resumes deletions that an earlier process did not complete.

use std::sync::Arc;

use tenantry_organizations::{DeletionService, OrganizationsError};

use super::App;

/// Erases the organizations that are marked for deletion, in the background. It is safe for several
/// processes to do so at the same time.
pub(super) fn resume_deletions(app: &App) {
    let deletion = Arc::clone(&app.organizations.deletion);
    tokio::spawn(async move {
        if let Err(error) = erase(&*deletion).await {
            tracing::error!(%error, "organizations marked for deletion could not be erased");
        }
    });
}

async fn erase(deletion: &dyn DeletionService) -> Result<(), OrganizationsError> {
    for organization in deletion.pending_deletions().await? {
        deletion.erase(organization, &|_| {}).await?;
        tracing::info!(%organization, "an interrupted deletion was completed");
    }
    Ok(())
}
