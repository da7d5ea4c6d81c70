//! Going on with what a former process did not come to the end of.

use std::sync::Arc;

use tenantry_organizations::OrganizationsService;

use super::App;

/// Erases the organizations that are condemned, in the background. Several processes that start at
/// once do the same, and do each other no harm.
pub(super) fn go_on(app: &App) {
    let organizations = Arc::clone(&app.organizations);
    tokio::spawn(async move {
        if let Err(error) = erase(&*organizations).await {
            tracing::error!(%error, "condemned organizations could not be erased");
        }
    });
}

async fn erase(
    organizations: &dyn OrganizationsService,
) -> Result<(), tenantry_organizations::OrganizationsError> {
    for pending_deletions in organizations.pending_deletions().await? {
        organizations.erase(pending_deletions, &|_| {}).await?;
        tracing::info!(%pending_deletions, "an organization was erased to its end");
    }
    Ok(())
}
