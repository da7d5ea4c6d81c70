//! Locking an organization, and looking again.
//!
//! Whatever changes who belongs to an organization, and as what, locks its row first: two such
//! changes happen one after the other, and each sees what the other did. What a request was let
//! in with may be out of date by then, so the membership is read once more.

use tenantry_core::{
    access::{Grant, Permission, PermissionDenied, Role},
    db::UnitOfWork,
    id::OrganizationId,
};

use super::{Result, implementation::Service};
use crate::{OrganizationsError, entity::organization, store};

impl Service {
    /// Locks the organization until the unit of work ends. A disabled one can be locked, one that
    /// is being deleted can't.
    pub(crate) async fn lock(
        &self,
        work: &mut UnitOfWork,
        organization: OrganizationId,
    ) -> Result<organization::Model> {
        let locked = store::lock_organization(&work.global().await?, organization).await?;
        let locked = locked.filter(|row| row.deleted_at.is_none());
        locked.ok_or(OrganizationsError::NotFound)
    }

    /// As [`lock`](Self::lock), for a member: the role that he has now, if it still allows it.
    pub(crate) async fn lock_for<P: Permission>(
        &self,
        work: &mut UnitOfWork,
        grant: &Grant<P>,
    ) -> Result<Role> {
        // Names the organization with the transaction's beginning, in one round trip.
        drop(work.tenant(grant).await?);
        let organization = self.lock(work, grant.organization()).await?;
        let rows = work.tenant(grant).await?;
        let member = store::member_of(&rows, grant.user()).await?;
        let member = member.filter(|_| organization.is_active);
        let role = member.ok_or(OrganizationsError::NotFound)?.role;
        if role < P::MIN_ROLE {
            let permission = P::CODE;
            return Err(PermissionDenied { permission }.into());
        }
        Ok(role)
    }
}
