//! Changes of memberships. The caller holds the organization's lock.

use tenantry_core::{
    access::{Grant, Permission as _, PermissionDenied, Role},
    db::UnitOfWork,
    event::Changes,
    id::{MembershipId, UserId},
};
use tenantry_domain_events::events::organizations::{
    LeaveReason, MemberRoleChanged, OwnershipTransferred, TokenRevocationReason,
    UserLeftOrganization,
};

use super::{ownership_limit::OwnershipLimit, store};
use crate::{
    entity::member::Model,
    error::OrganizationsError,
    permissions::ManageMembers,
    service::{Result, Service},
    tokens::revocation,
};

/// The caller's permission and current role, which limits the members it may act on.
pub(super) struct RoleAuthority<P> {
    pub(super) grant: Grant<P>,
    pub(super) role: Role,
    pub(super) limit: OwnershipLimit,
}

impl<P> RoleAuthority<P> {
    /// A caller acts on no member with a higher role, and grants no higher role.
    fn require_at_least(&self, role: Role) -> Result<()> {
        if self.role.is_at_least(role) {
            return Ok(());
        }
        let permission = ManageMembers::CODE;
        Err(PermissionDenied { permission }.into())
    }
}

/// A member and the member's new role.
pub(super) struct NewRole {
    pub(super) target: Model,
    pub(super) role: Role,
}

impl Service {
    /// The member, if the caller may act on it.
    pub(super) async fn member_for<P>(
        &self,
        work: &mut UnitOfWork,
        authority: &RoleAuthority<P>,
        id: MembershipId,
    ) -> Result<Model> {
        let rows = work.tenant(&authority.grant).await?;
        let found = store::find(&rows, id).await?;
        let found = found.ok_or(OrganizationsError::MemberNotFound)?;
        authority.require_at_least(found.role)?;
        Ok(found)
    }

    pub(super) async fn member_of<P>(
        &self,
        work: &mut UnitOfWork,
        grant: &Grant<P>,
        user: UserId,
    ) -> Result<Model> {
        let found = store::find_user(&work.tenant(grant).await?, user).await?;
        found.ok_or(OrganizationsError::MemberNotFound)
    }

    pub(super) async fn change_role<P>(
        &self,
        work: &mut UnitOfWork,
        authority: &RoleAuthority<P>,
        NewRole { target, role }: NewRole,
    ) -> Result<Model> {
        authority.require_at_least(role)?;
        if target.role == role {
            return Ok(target);
        }
        if role == Role::Owner {
            self.lock_new_owner(work, target.user_id, authority.limit)
                .await?;
        }
        if target.role == Role::Owner {
            self.require_other_owner(work, authority.grant.organization(), target.user_id)
                .await?;
        }
        self.failpoint().await;
        let rows = work.tenant(&authority.grant).await?;
        let changed = store::set_role(&rows, target.id, role).await?;
        let event = MemberRoleChanged {
            organization_id: target.organization_id,
            user_id: target.user_id,
            old_role: target.role,
            new_role: role,
        };
        let changes = Changes::default().field("role", target.role, role);
        work.record_change(&event, changes);
        self.revoke_invitations_from(work, &authority.grant, target.user_id, Some(role))
            .await?;
        changed.ok_or(OrganizationsError::MemberNotFound)
    }

    /// Ends a membership.
    pub(super) async fn end<P>(
        &self,
        work: &mut UnitOfWork,
        grant: &Grant<P>,
        target: Model,
        reason: LeaveReason,
    ) -> Result<()> {
        if target.role == Role::Owner {
            self.require_other_owner(work, grant.organization(), target.user_id)
                .await?;
        }
        self.failpoint().await;
        // The member's tokens end with it; revoking tokens needs the lock of their owner's account.
        let user = self.deps.users.lock(work, target.user_id).await?;
        let tokens =
            revocation::active_tokens(work, target.user_id, Some(grant.organization())).await?;
        store::delete(&work.tenant(grant).await?, target.id).await?;
        work.record(&UserLeftOrganization {
            organization_id: target.organization_id,
            user_id: target.user_id,
            reason,
        });
        revocation::record_revocations(work, tokens, TokenRevocationReason::MembershipEnded);
        self.record_departure(work, grant, &user).await
    }

    /// Makes one member owner and the other admin. There is an owner at every moment.
    pub(super) async fn transfer_ownership<P>(
        &self,
        work: &mut UnitOfWork,
        grant: &Grant<P>,
        from: Model,
        to: Model,
        limit: OwnershipLimit,
    ) -> Result<Model> {
        if from.id == to.id {
            return Err(OrganizationsError::TransferToOneself);
        }
        self.lock_new_owner(work, to.user_id, limit).await?;
        self.failpoint().await;
        let rows = work.tenant(grant).await?;
        let owner = store::set_role(&rows, to.id, Role::Owner).await?;
        store::set_role(&rows, from.id, Role::Admin).await?;
        let event = OwnershipTransferred {
            organization_id: to.organization_id,
            from_user_id: from.user_id,
            to_user_id: to.user_id,
            to_user_was: to.role,
        };
        let changes = Changes::default()
            .field("role", to.role, Role::Owner)
            .field("former_owner_role", from.role, Role::Admin);
        work.record_change(&event, changes);
        self.revoke_invitations_from(work, grant, from.user_id, Some(Role::Admin))
            .await?;
        owner.ok_or(OrganizationsError::MemberNotFound)
    }

    /// Between a check and its write, for tests of races.
    pub(super) async fn failpoint(&self) {
        self.db.runtime().failpoint("organizations.members").await;
    }
}
