//! Condemning an organization, and what is left to erase.

use async_trait::async_trait;
use tenantry_core::{
    access::{Actor, TenantContext},
    db::UnitOfWork,
    id::OrganizationId,
};
use tenantry_domain_events::events::organizations::OrganizationDeletionStarted;

use super::store;
use crate::{
    DeleteOrganization, OrganizationsError,
    entity::organization,
    service::{Result, Service},
};

/// How far an erasure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EraseProgress<'t> {
    /// The table.
    pub table: &'t str,
    /// How many of its rows are gone by now, in this run.
    pub rows: u64,
}

/// Hears of each batch.
pub type ProgressFn<'w> = &'w (dyn Fn(EraseProgress<'_>) + Send + Sync);

/// The end of an organization.
///
/// # Errors
/// As [`OrganizationsService`](crate::OrganizationsService).
#[async_trait]
pub trait DeletionService: Send + Sync {
    /// Closes the context's organization for good, if its slug is confirmed. Fails with
    /// `WrongConfirmation`. What it holds is still to be [erased](Self::erase).
    async fn mark_for_deletion(
        &self,
        ctx: &TenantContext,
        confirm_slug: &str,
    ) -> Result<OrganizationId>;

    /// The same on an operator's behalf. One that is condemned already stays so.
    async fn mark_for_deletion_as(&self, organization: OrganizationId, actor: Actor) -> Result<()>;

    /// Erases everything of a condemned organization, and the organization itself. One that
    /// another process erases as well, or has erased, is no error. Fails with `NotFound` for one
    /// that is not condemned.
    async fn erase(&self, organization: OrganizationId, watcher: ProgressFn<'_>) -> Result<()>;

    /// The condemned organizations that are not erased to the end.
    async fn pending_deletions(&self) -> Result<Vec<OrganizationId>>;
}

impl Service {
    async fn close_permanently(
        &self,
        mut work: UnitOfWork,
        organization: organization::Model,
    ) -> Result<()> {
        let now = self.db.runtime().now();
        store::mark_for_deletion(&work.global().await?, organization.id, now).await?;
        work.record(&OrganizationDeletionStarted {
            organization_id: organization.id,
            slug: organization.slug,
        });
        Ok(work.commit().await?)
    }
}

#[async_trait]
impl DeletionService for Service {
    async fn mark_for_deletion(
        &self,
        ctx: &TenantContext,
        confirm_slug: &str,
    ) -> Result<OrganizationId> {
        let grant = ctx.require::<DeleteOrganization>()?;
        let mut work = self.db.begin(&grant);
        self.lock_for(&mut work, &grant).await?;
        let organization = self.lock(&mut work, grant.organization()).await?;
        if organization.slug.as_str() != confirm_slug {
            return Err(OrganizationsError::WrongConfirmation);
        }
        self.close_permanently(work, organization).await?;
        Ok(grant.organization())
    }

    async fn mark_for_deletion_as(&self, organization: OrganizationId, actor: Actor) -> Result<()> {
        let mut work = self.db.begin(actor);
        match self.lock(&mut work, organization).await {
            Ok(found) => self.close_permanently(work, found).await,
            Err(OrganizationsError::NotFound)
                if self.pending_deletions().await?.contains(&organization) =>
            {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    async fn erase(&self, organization: OrganizationId, watcher: ProgressFn<'_>) -> Result<()> {
        self.erase_everything(organization, watcher).await
    }

    async fn pending_deletions(&self) -> Result<Vec<OrganizationId>> {
        Ok(store::pending_deletions(&self.db.read_global()).await?)
    }
}
