//! Erasing, batch by batch.

use tenantry_core::{
    access::{Actor, Grant},
    db::{TenantTable, UnitOfWork},
    id::OrganizationId,
};
use tenantry_domain_events::events::organizations::{
    LeaveReason, OrganizationDeleted, UserLeftOrganization,
};

use super::{EraseProgress, ProgressFn, store};
use crate::{
    DeleteOrganization, OrganizationsError,
    entity::organization,
    service::{Result, Service},
    store as organizations,
};

/// How many rows go in one transaction.
const BATCH: u64 = 2_000;

/// How many members do: each is told of by an event.
const MEMBERS: u64 = 200;

/// Erased by this module itself, after all others.
const MEMBERS_TABLE: &str = "organization_members";

impl Service {
    pub(super) async fn erase_everything(
        &self,
        organization: OrganizationId,
        watcher: ProgressFn<'_>,
    ) -> Result<()> {
        let found = organizations::organization(&self.db.read_global(), organization).await?;
        match found {
            None => return Ok(()),
            Some(row) if row.deleted_at.is_none() => return Err(OrganizationsError::NotFound),
            Some(_) => {}
        }
        let grant = self.as_owner::<DeleteOrganization>(organization, Actor::system())?;
        for table in self.db.tenant_tables().await? {
            if table.name() != MEMBERS_TABLE {
                self.erase_table(&grant, table, watcher).await?;
            }
        }
        self.erase_members(&grant, watcher).await?;
        self.erase_organization(organization).await
    }

    async fn erase_table(
        &self,
        grant: &Grant<DeleteOrganization>,
        mut table: TenantTable,
        watcher: ProgressFn<'_>,
    ) -> Result<()> {
        let mut rows = 0;
        loop {
            let mut work = self.db.begin(Actor::system());
            let erased = work.delete_batch(grant, &mut table, BATCH).await?;
            work.commit().await?;
            rows += erased;
            watcher(EraseProgress {
                table: table.name(),
                rows,
            });
            self.db
                .runtime()
                .failpoint("organizations.batch_erased")
                .await;
            if erased < BATCH {
                return Ok(());
            }
        }
    }

    /// Each member leaves in the transaction that erases his membership: he is told of once, in
    /// whatever way this is interrupted.
    async fn erase_members(
        &self,
        grant: &Grant<DeleteOrganization>,
        watcher: ProgressFn<'_>,
    ) -> Result<()> {
        let organization_id = grant.organization();
        let mut rows = 0;
        loop {
            let mut work = self.db.begin(Actor::system());
            if lock_condemned(&mut work, organization_id).await?.is_none() {
                return Ok(());
            }
            let tenant = work.tenant(grant).await?;
            let members = store::members(&tenant, MEMBERS).await?;
            if members.is_empty() {
                return Ok(());
            }
            let ids = members.iter().map(|member| member.id);
            store::delete_members(&tenant, ids).await?;
            for member in &members {
                work.record(&UserLeftOrganization {
                    organization_id,
                    user_id: member.user_id,
                    reason: LeaveReason::OrgDeleted,
                });
            }
            work.commit().await?;
            rows += members.len() as u64;
            watcher(EraseProgress {
                table: MEMBERS_TABLE,
                rows,
            });
            self.db
                .runtime()
                .failpoint("organizations.batch_erased")
                .await;
        }
    }

    /// The slug is retired in the same transaction, so that it is free at no moment.
    async fn erase_organization(&self, organization_id: OrganizationId) -> Result<()> {
        let mut work = self.db.begin(Actor::system());
        let Some(row) = lock_condemned(&mut work, organization_id).await? else {
            return Ok(());
        };
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

/// The condemned organization, locked; nothing if it is gone.
async fn lock_condemned(
    work: &mut UnitOfWork,
    organization: OrganizationId,
) -> Result<Option<organization::Model>> {
    let rows = work.global().await?;
    let locked = organizations::lock_organization(&rows, organization).await?;
    Ok(locked.filter(|row| row.deleted_at.is_some()))
}
