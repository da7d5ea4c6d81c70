//! Changes of memberships. Whoever calls these has locked the organization.

use tenantry_core::{
    access::{Grant, Permission as _, PermissionDenied, Role},
    db::UnitOfWork,
    id::{MembershipId, UserId},
};
use tenantry_domain_events::events::organizations::{
    LeaveReason, MemberRoleChanged, OwnershipTransferred, TokenRevocationReason,
    UserLeftOrganization,
};
use tenantry_users::User;

use super::store;
use crate::{
    ManageMembers, Member, MyOrganization, OrganizationsError,
    entity::member::Model,
    service::Service,
    store::{member_of, memberships},
    tokens::ending,
};

type Result<T> = std::result::Result<T, OrganizationsError>;

/// The permission, and the role that the caller holds now: what he may do to whom.
pub(super) struct Power<P> {
    pub(super) grant: Grant<P>,
    pub(super) held: Role,
}

impl<P> Power<P> {
    /// Nobody acts on whom his role does not cover, and nobody grants what he does not hold.
    fn require_at_least(&self, role: Role) -> Result<()> {
        if self.held.is_at_least(role) {
            return Ok(());
        }
        let permission = ManageMembers::CODE;
        Err(PermissionDenied { permission }.into())
    }
}

/// A role for a member.
pub(super) struct NewRole {
    pub(super) target: Model,
    pub(super) role: Role,
}

impl Service {
    /// The member of that id, if the caller may act on him.
    pub(super) async fn member_for<P>(
        &self,
        work: &mut UnitOfWork,
        power: &Power<P>,
        id: MembershipId,
    ) -> Result<Model> {
        let rows = work.tenant(&power.grant).await?;
        let found = store::find(&rows, id).await?;
        let found = found.ok_or(OrganizationsError::MemberNotFound)?;
        power.require_at_least(found.role)?;
        Ok(found)
    }

    pub(super) async fn member_of<P>(
        &self,
        work: &mut UnitOfWork,
        grant: &Grant<P>,
        user: UserId,
    ) -> Result<Model> {
        let found = member_of(&work.tenant(grant).await?, user).await?;
        found.ok_or(OrganizationsError::MemberNotFound)
    }

    pub(super) async fn change_role<P>(
        &self,
        work: &mut UnitOfWork,
        power: &Power<P>,
        NewRole { target, role }: NewRole,
    ) -> Result<Model> {
        power.require_at_least(role)?;
        if target.role == role {
            return Ok(target);
        }
        if role == Role::Owner {
            self.require_active(work, target.user_id).await?;
        }
        if target.role == Role::Owner {
            self.require_other_owner(work, power.grant.organization(), target.user_id)
                .await?;
        }
        self.checked().await;
        let rows = work.tenant(&power.grant).await?;
        let changed = store::set_role(&rows, target.id, role).await?;
        work.record(&MemberRoleChanged {
            organization_id: target.organization_id,
            user_id: target.user_id,
            old_role: target.role,
            new_role: role,
        });
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
        self.checked().await;
        // His tokens here go with it, and whatever ends tokens locks the account of their owner.
        self.deps.users.lock(work, target.user_id).await?;
        let tokens = ending::held(work, target.user_id, Some(grant.organization())).await?;
        store::delete(&work.tenant(grant).await?, target.id).await?;
        work.record(&UserLeftOrganization {
            organization_id: target.organization_id,
            user_id: target.user_id,
            reason,
        });
        ending::tell(work, tokens, TokenRevocationReason::MembershipEnded);
        Ok(())
    }

    /// Makes one member owner and the other admin. There is an owner at every moment of it.
    pub(super) async fn hand_over<P>(
        &self,
        work: &mut UnitOfWork,
        grant: &Grant<P>,
        from: Model,
        to: Model,
    ) -> Result<Model> {
        if from.id == to.id {
            return Err(OrganizationsError::TransferToOneself);
        }
        self.require_active(work, to.user_id).await?;
        self.checked().await;
        let rows = work.tenant(grant).await?;
        let owner = store::set_role(&rows, to.id, Role::Owner).await?;
        store::set_role(&rows, from.id, Role::Admin).await?;
        work.record(&OwnershipTransferred {
            organization_id: to.organization_id,
            from_user_id: from.user_id,
            to_user_id: to.user_id,
            to_user_was: to.role,
        });
        owner.ok_or(OrganizationsError::MemberNotFound)
    }

    /// Where a test lets others in between what was checked and what is written.
    pub(super) async fn checked(&self) {
        self.db.runtime().failpoint("organizations.members").await;
    }

    /// A member, with what is known of the person.
    pub(super) async fn described(&self, row: Model) -> Result<Member> {
        let user = self.deps.users.user(row.user_id).await?;
        Ok(Member::of(row, user))
    }

    pub(super) async fn memberships(&self, user: UserId) -> Result<Vec<MyOrganization>> {
        let mut found = memberships(&self.db.read_global(), user).await?;
        if let Some(only) = self.only() {
            found.retain(|own| own.slug == *only);
        }
        Ok(found)
    }
}

impl Member {
    /// A member and the person that he is.
    pub(crate) fn of(row: Model, user: User) -> Self {
        Self {
            id: row.id,
            user: user.id,
            user_email: user.email.to_string(),
            user_name: user.name,
            role: row.role,
            invited_by: row.invited_by,
            invited_at: row.invited_at,
            joined_at: row.joined_at,
        }
    }
}
