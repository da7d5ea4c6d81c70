//! Marking organizations for deletion, and erasing them.

use async_trait::async_trait;
use tenantry_core::{
    access::{Actor, TenantContext},
    db::UnitOfWork,
    id::OrganizationId,
};
use tenantry_domain_events::events::organizations::OrganizationDeletionStarted;

use super::{
    model::{Deletion, RemainingRows},
    store,
};
use crate::{
    entity::organization,
    error::OrganizationsError,
    permissions::DeleteOrganization,
    service::{Result, Service},
};

/// The most deletions that are shown.
const SHOWN: usize = 20;

/// Rows of a table are counted up to this number.
const COUNTED: u64 = 10_000;

/// The progress of an erasure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EraseProgress<'t> {
    /// The table.
    pub table: &'t str,
    /// How many of its rows were erased so far, in this run.
    pub rows: u64,
}

/// Called after each batch.
pub type ProgressFn<'w> = &'w (dyn Fn(EraseProgress<'_>) + Send + Sync);

/// Deletion of organizations.
///
/// # Errors
/// As [`OrganizationsService`](crate::OrganizationsService).
#[async_trait]
pub trait DeletionService: Send + Sync {
    /// Marks the context's organization for deletion, which makes it inaccessible for good. Its
    /// data still has to be [erased](Self::erase). Fails with `WrongConfirmation`, and with `Access`
    /// without a recent check of the second factor.
    async fn mark_for_deletion(
        &self,
        ctx: &TenantContext,
        confirm_slug: &str,
    ) -> Result<OrganizationId>;

    /// The same for operators. It is no error if the organization is marked already.
    async fn mark_for_deletion_as(&self, organization: OrganizationId, actor: Actor) -> Result<()>;

    /// Erases all data of an organization that is marked for deletion, and the organization itself.
    /// It is no error if another process erases it too, or has erased it. Fails with `NotFound` for
    /// an organization that is not marked.
    async fn erase(&self, organization: OrganizationId, progress: ProgressFn<'_>) -> Result<()>;

    /// The organizations that are marked for deletion and not fully erased.
    async fn pending_deletions(&self) -> Result<Vec<OrganizationId>>;

    /// The first 20 of them, with what is left to erase.
    async fn deletions(&self) -> Result<Vec<Deletion>>;
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
        ctx.second_factor().require_recent()?;
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

    async fn erase(&self, organization: OrganizationId, progress: ProgressFn<'_>) -> Result<()> {
        self.erase_everything(organization, progress).await
    }

    async fn pending_deletions(&self) -> Result<Vec<OrganizationId>> {
        let pending = store::pending_deletions(&self.db.read_global()).await?;
        Ok(pending.into_iter().map(|row| row.id).collect())
    }

    async fn deletions(&self) -> Result<Vec<Deletion>> {
        let pending = store::pending_deletions(&self.db.read_global()).await?;
        let tables = self.db.tenant_tables().await?;
        let mut deletions = Vec::new();
        for row in pending.into_iter().take(SHOWN) {
            let grant = self.system_grant::<DeleteOrganization>(row.id, &Actor::system())?;
            let rows = self.db.read(&grant);
            let mut remaining = Vec::new();
            for table in &tables {
                let counted = rows.count_up_to(table, COUNTED).await?;
                if counted > 0 {
                    remaining.push(RemainingRows {
                        table: table.name().to_owned(),
                        rows: counted,
                    });
                }
            }
            deletions.push(Deletion {
                since: row.deleted_at.unwrap_or(row.updated_at),
                id: row.id,
                name: row.name,
                slug: row.slug,
                remaining,
            });
        }
        Ok(deletions)
    }
}
