//! Erasing in batches.

use tenantry_core::{
    access::{Actor, Grant},
    db::{TenantTable, UnitOfWork},
    id::OrganizationId,
    value::Slug,
};
use tenantry_domain_events::events::organizations::{
    LeaveReason, OrganizationDeleted, UserLeftOrganization,
};

use super::{
    service::{EraseProgress, ProgressFn},
    store,
};
use crate::{
    entity::organization,
    error::OrganizationsError,
    membership::departures,
    organization::store as organizations,
    permissions::DeleteOrganization,
    service::{Result, Service},
};

/// Rows per transaction.
const BATCH_ROWS: u64 = 2_000;

/// Events per transaction.
const BATCH_EVENTS: u32 = 2_000;

/// Jobs per transaction.
const BATCH_JOBS: u32 = 2_000;

/// Members per transaction: each needs an event.
const BATCH_MEMBERS: u64 = 200;

/// Erased by this module, after all other tables.
const MEMBERS_TABLE: &str = "organization_members";

impl Service {
    pub(super) async fn erase_everything(
        &self,
        organization: OrganizationId,
        progress: ProgressFn<'_>,
    ) -> Result<()> {
        let found = organizations::organization(&self.db.read_global(), organization).await?;
        let slug = match found {
            None => return Ok(()),
            Some(row) if row.deleted_at.is_none() => return Err(OrganizationsError::NotFound),
            Some(row) => row.slug,
        };
        // Its successor must not readmit them.
        let successor = self
            .dedicated_slug()
            .filter(|dedicated| **dedicated == slug);
        let grant = self.system_grant::<DeleteOrganization>(organization, &Actor::system())?;
        if let Some(slug) = successor {
            self.keep_departures(&grant, slug).await?;
        }
        for table in self.db.tenant_tables().await? {
            if table.name() != MEMBERS_TABLE {
                self.erase_table(&grant, table, progress).await?;
            }
        }
        self.erase_members(&grant, successor, progress).await?;
        self.redact_log(&grant).await?;
        self.discard_jobs(&grant).await?;
        self.erase_organization(&grant).await
    }

    /// The log outlives the organization, with ids; the names and addresses in it don't.
    async fn redact_log(&self, grant: &Grant<DeleteOrganization>) -> Result<()> {
        let mut after = Some(0);
        while let Some(number) = after {
            let mut work = self.db.begin(Actor::system());
            after = work.redact_events(grant, number, BATCH_EVENTS).await?;
            work.commit().await?;
        }
        Ok(())
    }

    /// What the jobs hold was erased with the other tables.
    async fn discard_jobs(&self, grant: &Grant<DeleteOrganization>) -> Result<()> {
        loop {
            let mut work = self.db.begin(Actor::system());
            let discarded = work.discard_jobs(grant, BATCH_JOBS).await?;
            work.commit().await?;
            if discarded < u64::from(BATCH_JOBS) {
                return Ok(());
            }
        }
    }

    async fn erase_table(
        &self,
        grant: &Grant<DeleteOrganization>,
        mut table: TenantTable,
        progress: ProgressFn<'_>,
    ) -> Result<()> {
        let mut rows = 0;
        loop {
            let mut work = self.db.begin(Actor::system());
            let erased = work.delete_batch(grant, &mut table, BATCH_ROWS).await?;
            work.commit().await?;
            rows += erased;
            progress(EraseProgress {
                table: table.name(),
                rows,
            });
            self.db
                .runtime()
                .failpoint("organizations.batch_erased")
                .await;
            if erased < BATCH_ROWS {
                return Ok(());
            }
        }
    }

    /// Keeps who left the organization of a dedicated deployment.
    async fn keep_departures(&self, grant: &Grant<DeleteOrganization>, slug: &Slug) -> Result<()> {
        loop {
            let mut work = self.db.begin(Actor::system());
            if lock_pending_deletion(&mut work, grant.organization())
                .await?
                .is_none()
            {
                return Ok(());
            }
            let tenant = work.tenant(grant).await?;
            let former = departures::store::former_members(&tenant, BATCH_MEMBERS).await?;
            if former.is_empty() {
                return Ok(());
            }
            let ids = former.iter().map(|row| row.id);
            departures::store::delete_former_members(&tenant, ids).await?;
            let users: Vec<_> = former.iter().map(|row| row.user_id).collect();
            departures::store::insert_departed(&work.global().await?, slug, &users).await?;
            work.commit().await?;
        }
    }

    /// Each membership is erased in the transaction that records its event: there is one event per
    /// member, however often the erasure is interrupted.
    async fn erase_members(
        &self,
        grant: &Grant<DeleteOrganization>,
        successor: Option<&Slug>,
        progress: ProgressFn<'_>,
    ) -> Result<()> {
        let organization_id = grant.organization();
        let mut rows = 0;
        loop {
            let mut work = self.db.begin(Actor::system());
            if lock_pending_deletion(&mut work, organization_id)
                .await?
                .is_none()
            {
                return Ok(());
            }
            let tenant = work.tenant(grant).await?;
            let members = store::members(&tenant, BATCH_MEMBERS).await?;
            if members.is_empty() {
                return Ok(());
            }
            let ids = members.iter().map(|member| member.id);
            store::delete_members(&tenant, ids).await?;
            if let Some(slug) = successor {
                // A member who left once and came back has not departed.
                let users: Vec<_> = members.iter().map(|member| member.user_id).collect();
                departures::store::delete_departed(&work.global().await?, slug, &users).await?;
            }
            for member in &members {
                work.record(&UserLeftOrganization {
                    organization_id,
                    user_id: member.user_id,
                    reason: LeaveReason::OrgDeleted,
                });
            }
            work.commit().await?;
            rows += members.len() as u64;
            progress(EraseProgress {
                table: MEMBERS_TABLE,
                rows,
            });
            self.db
                .runtime()
                .failpoint("organizations.batch_erased")
                .await;
        }
    }

    /// The slug is quarantined in the same transaction, so that it is available at no moment.
    async fn erase_organization(&self, grant: &Grant<DeleteOrganization>) -> Result<()> {
        let organization_id = grant.organization();
        let mut work = self.db.begin(Actor::system());
        let Some(row) = lock_pending_deletion(&mut work, organization_id).await? else {
            return Ok(());
        };
        // A request that began before the mark may have enqueued some; it holds the organization's row,
        // so none follows.
        work.discard_jobs(grant, u32::MAX).await?;
        let quarantine = self.deps.policy.slug_quarantine;
        let rows = work.global().await?;
        store::delete(&rows, organization_id).await?;
        if !quarantine.is_zero() {
            let until = self.db.runtime().now() + quarantine;
            store::retire(&rows, row.slug.clone(), until).await?;
        }
        work.record(&OrganizationDeleted {
            organization_id,
            slug: row.slug,
        });
        Ok(work.commit().await?)
    }
}

/// The marked organization, locked; `None` if it is deleted.
async fn lock_pending_deletion(
    work: &mut UnitOfWork,
    organization: OrganizationId,
) -> Result<Option<organization::Model>> {
    let rows = work.global().await?;
    let locked = organizations::lock_organization(&rows, organization).await?;
    Ok(locked.filter(|row| row.deleted_at.is_some()))
}
