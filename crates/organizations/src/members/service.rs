//! What can be done with members.

use async_trait::async_trait;
use tenantry_core::{
    access::{Actor, Role, TenantContext},
    id::{MembershipId, OrganizationId, UserId},
};
use tenantry_domain_events::events::organizations::LeaveReason;
use tenantry_users::User;

use crate::{
    ManageMembers, Member, MyOrganization, OrganizationsError, TransferOrganization,
    ViewOrganization, service::Service,
};

use super::change::{NewRole, Power};

type Result<T> = std::result::Result<T, OrganizationsError>;

/// Who belongs to an organization, and as what.
///
/// # Errors
/// What changes something fails with [`OrganizationsError::PermissionDenied`] when the caller's
/// role does not cover the member's or the one to be granted, and with
/// [`OrganizationsError::LastOwner`] when no active owner would be left. Whoever becomes an owner
/// has an active account, else [`OrganizationsError::OwnerInactive`].
#[async_trait]
pub trait MembersService: Send + Sync {
    /// Gives a member another role. The role that he has already changes nothing, and nobody
    /// hears of it. Fails with `MemberNotFound`.
    async fn set_role(
        &self,
        ctx: &TenantContext,
        member: MembershipId,
        role: Role,
    ) -> Result<Member>;

    /// Ends a membership. Fails with `MemberNotFound`.
    async fn remove(&self, ctx: &TenantContext, member: MembershipId) -> Result<()>;

    /// Ends the caller's own membership.
    async fn leave(&self, ctx: &TenantContext) -> Result<()>;

    /// Makes a member owner and the caller admin, in one step. Fails with `MemberNotFound`, and
    /// with `TransferToOneself`.
    async fn transfer(&self, ctx: &TenantContext, to: MembershipId) -> Result<Member>;

    /// As [`set_role`](Self::set_role), for operators. Fails with `MemberNotFound`.
    async fn set_role_for(
        &self,
        organization: OrganizationId,
        user: UserId,
        role: Role,
        actor: Actor,
    ) -> Result<Member>;

    /// As [`transfer`](Self::transfer), for operators. Without a name it is the one owner who
    /// hands it over; fails with `SeveralOwners` where that is not clear.
    async fn transfer_for(
        &self,
        organization: OrganizationId,
        from: Option<UserId>,
        to: UserId,
        actor: Actor,
    ) -> Result<Member>;

    /// Locks somebody out, or lets him in again, for operators. His memberships stay. Whoever is
    /// locked out has lost his sessions and tokens for good.
    async fn set_user_active(&self, user: UserId, is_active: bool, actor: Actor) -> Result<User>;

    /// Every active organization that somebody belongs to, the one joined first at the head.
    async fn organizations_of(&self, user: UserId) -> Result<Vec<MyOrganization>>;

    /// An active organization as somebody sees it who belongs to it; nothing if he doesn't.
    async fn membership(
        &self,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<Option<MyOrganization>>;

    /// Whether somebody belongs to an active organization, as one of these.
    ///
    /// For listeners and commands. A request asks its context, which knows and proves it.
    async fn has_role(
        &self,
        organization: OrganizationId,
        user: UserId,
        roles: &[Role],
    ) -> Result<bool> {
        let found = self.membership(organization, user).await?;
        Ok(found.is_some_and(|own| roles.contains(&own.role)))
    }

    /// Whether somebody belongs to an active organization.
    async fn belongs_to(&self, organization: OrganizationId, user: UserId) -> Result<bool> {
        self.has_role(organization, user, &Role::ALL).await
    }
}

#[async_trait]
impl MembersService for Service {
    async fn set_role(
        &self,
        ctx: &TenantContext,
        member: MembershipId,
        role: Role,
    ) -> Result<Member> {
        let grant = ctx.require::<ManageMembers>()?;
        let mut work = self.db.begin(&grant);
        let held = self.lock_for(&mut work, &grant).await?;
        let power = Power { grant, held };
        let target = self.member_for(&mut work, &power, member).await?;
        let new = NewRole { target, role };
        let changed = self.change_role(&mut work, &power, new).await?;
        work.commit().await?;
        self.described(changed).await
    }

    async fn remove(&self, ctx: &TenantContext, member: MembershipId) -> Result<()> {
        let grant = ctx.require::<ManageMembers>()?;
        let mut work = self.db.begin(&grant);
        let held = self.lock_for(&mut work, &grant).await?;
        let power = Power { grant, held };
        let target = self.member_for(&mut work, &power, member).await?;
        let reason = LeaveReason::Removed;
        self.end(&mut work, &power.grant, target, reason).await?;
        Ok(work.commit().await?)
    }

    async fn leave(&self, ctx: &TenantContext) -> Result<()> {
        let grant = ctx.require::<ViewOrganization>()?;
        let mut work = self.db.begin(&grant);
        self.lock_for(&mut work, &grant).await?;
        let own = self.member_of(&mut work, &grant, grant.user()).await?;
        self.end(&mut work, &grant, own, LeaveReason::Left).await?;
        Ok(work.commit().await?)
    }

    async fn transfer(&self, ctx: &TenantContext, to: MembershipId) -> Result<Member> {
        let grant = ctx.require::<TransferOrganization>()?;
        let mut work = self.db.begin(&grant);
        let held = self.lock_for(&mut work, &grant).await?;
        let power = Power { grant, held };
        let to = self.member_for(&mut work, &power, to).await?;
        let user = power.grant.user();
        let from = self.member_of(&mut work, &power.grant, user).await?;
        let owner = self.hand_over(&mut work, &power.grant, from, to).await?;
        work.commit().await?;
        self.described(owner).await
    }

    async fn set_role_for(
        &self,
        organization: OrganizationId,
        user: UserId,
        role: Role,
        actor: Actor,
    ) -> Result<Member> {
        let power = Power {
            grant: self.as_owner::<ManageMembers>(organization, actor)?,
            held: Role::Owner,
        };
        let mut work = self.db.begin(actor);
        self.lock(&mut work, organization).await?;
        let target = self.member_of(&mut work, &power.grant, user).await?;
        let new = NewRole { target, role };
        let changed = self.change_role(&mut work, &power, new).await?;
        work.commit().await?;
        self.described(changed).await
    }

    async fn transfer_for(
        &self,
        organization: OrganizationId,
        from: Option<UserId>,
        to: UserId,
        actor: Actor,
    ) -> Result<Member> {
        let grant = self.as_owner::<TransferOrganization>(organization, actor)?;
        let mut work = self.db.begin(actor);
        self.lock(&mut work, organization).await?;
        let to = self.member_of(&mut work, &grant, to).await?;
        let from = self.handing_over(&mut work, &grant, from).await?;
        let owner = self.hand_over(&mut work, &grant, from, to).await?;
        work.commit().await?;
        self.described(owner).await
    }

    async fn set_user_active(&self, user: UserId, is_active: bool, actor: Actor) -> Result<User> {
        if is_active {
            return self.let_in(user, actor).await;
        }
        loop {
            if let Some(locked_out) = self.try_lock_out(user, actor).await? {
                return Ok(locked_out);
            }
        }
    }

    async fn organizations_of(&self, user: UserId) -> Result<Vec<MyOrganization>> {
        self.memberships(user).await
    }

    async fn membership(
        &self,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<Option<MyOrganization>> {
        let found = self.memberships(user).await?.into_iter();
        Ok(found.into_iter().find(|own| own.id == organization))
    }
}
