//! The lock of an organization.
//!
//! Every change of memberships locks the organization's row first, so that such changes are
//! serialized. The caller's context may be stale by then, so the membership is read again.

use tenantry_core::{
    access::{Grant, Permission, PermissionDenied, Role},
    db::UnitOfWork,
    id::OrganizationId,
};

use super::store;
use crate::{
    entity::organization,
    error::OrganizationsError,
    membership::members,
    service::{Result, Service},
};

impl Service {
    /// Locks the organization until the unit of work ends. Fails with `NotFound` while it is being
    /// deleted; a disabled one can be locked.
    pub(crate) async fn lock(
        &self,
        work: &mut UnitOfWork,
        organization: OrganizationId,
    ) -> Result<organization::Model> {
        // Requests of many users may wait for this organization.
        work.in_share_of(organization);
        let locked = store::lock_organization(&work.global().await?, organization).await?;
        let locked = locked.filter(|row| row.deleted_at.is_none());
        locked.ok_or(OrganizationsError::NotFound)
    }

    /// As [`lock`](Self::lock), several as a set, in the order of their ids. Those that are being
    /// deleted are left out.
    pub(crate) async fn lock_all(
        &self,
        work: &mut UnitOfWork,
        organizations: &[OrganizationId],
    ) -> Result<Vec<organization::Model>> {
        let mut locked = store::lock_organizations(&work.global().await?, organizations).await?;
        locked.retain(|row| row.deleted_at.is_none());
        Ok(locked)
    }

    /// As [`lock`](Self::lock), for a member: returns the current role, if it still has the
    /// permission.
    pub(crate) async fn lock_for<P: Permission>(
        &self,
        work: &mut UnitOfWork,
        grant: &Grant<P>,
    ) -> Result<Role> {
        // Sets the tenant together with `BEGIN`, in one round trip.
        drop(work.tenant(grant).await?);
        let organization = self.lock(work, grant.organization()).await?;
        let rows = work.tenant(grant).await?;
        let member = members::store::find_user(&rows, grant.user()).await?;
        let member = member.filter(|_| organization.is_active);
        let role = member.ok_or(OrganizationsError::NotFound)?.role;
        if role < P::MIN_ROLE {
            let permission = P::CODE;
            return Err(PermissionDenied { permission }.into());
        }
        Ok(role)
    }
}
