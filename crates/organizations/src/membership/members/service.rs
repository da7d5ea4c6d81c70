//! The operations on members.

use async_trait::async_trait;
use tenantry_core::{
    access::{Actor, Role, TenantContext},
    id::{MembershipId, OrganizationId, UserId},
    page::{Page, PageRequest},
};
use tenantry_domain_events::events::organizations::LeaveReason;
use tenantry_users::User;

use super::{
    change::{NewRole, RoleAuthority},
    ownership_limit::OwnershipLimit,
    store,
};
use crate::{
    membership::model::{DisabledUser, Force, Member, MembersFilter, NewMember},
    organization::{
        model::{MEMBERSHIPS_SHOWN, MyOrganization},
        store::{membership, oldest_memberships},
    },
    permissions::{ManageMembers, TransferOrganization, ViewOrganization},
    service::{Result, Service},
};

/// The members of an organization and their roles.
///
/// # Errors
/// As [`OrganizationsService`](crate::OrganizationsService). A change fails with
/// `PermissionDenied` if the member's role or the new role is higher than the caller's, with
/// `LastOwner` if no active owner would be left, and with `OwnerInactive` if the account of a new
/// owner is disabled.
#[async_trait]
pub trait MembersService: Send + Sync {
    /// One page of all members of the context's organization, the newest first.
    async fn members(&self, ctx: &TenantContext, request: &PageRequest) -> Result<Page<Member>> {
        self.search(ctx, &MembersFilter::default(), request).await
    }

    /// As [`members`](Self::members), those that match only.
    async fn search(
        &self,
        ctx: &TenantContext,
        wanted: &MembersFilter,
        request: &PageRequest,
    ) -> Result<Page<Member>>;

    /// One member. Fails with `MemberNotFound` for unknown and foreign ids.
    async fn member(&self, ctx: &TenantContext, id: MembershipId) -> Result<Member>;

    /// Adds a member, for operators. Fails with `AlreadyMember` and `SeatLimitReached`.
    async fn add_member(
        &self,
        organization: OrganizationId,
        new: NewMember,
        actor: Actor,
    ) -> Result<()>;

    /// One page of an organization's members, for operators.
    async fn member_report(
        &self,
        organization: OrganizationId,
        request: &PageRequest,
    ) -> Result<Page<Member>>;

    /// Changes a member's role; the same role changes nothing and records no event. Fails with
    /// `MemberNotFound`.
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

    /// Makes a member owner and the caller admin, in one step. Fails with `MemberNotFound` and
    /// `TransferToOneself`, and with `Access` without a recent check of the second factor.
    async fn transfer(&self, ctx: &TenantContext, to: MembershipId) -> Result<Member>;

    /// As [`set_role`](Self::set_role), for operators. Fails with `MemberNotFound`.
    async fn set_role_for(
        &self,
        organization: OrganizationId,
        user: UserId,
        role: Role,
        actor: Actor,
    ) -> Result<Member>;

    /// As [`transfer`](Self::transfer), for operators. Without `from`, the only owner transfers it;
    /// fails with `SeveralOwners` if there is not exactly one.
    async fn transfer_for(
        &self,
        organization: OrganizationId,
        from: Option<UserId>,
        to: UserId,
        actor: Actor,
    ) -> Result<Member>;

    /// Disables or enables a user, for operators. The memberships stay; the sessions, tokens and
    /// sent invitations of a disabled user are lost for good. Fails with `SoleOwner`.
    async fn set_user_active(&self, user: UserId, is_active: bool, actor: Actor) -> Result<User>;

    /// Disables a user, for operators. With force, organizations may be left without an active
    /// owner: each records it, and an operator can give it one. Without, fails with `SoleOwner`.
    async fn disable_user(&self, user: UserId, force: Force, actor: Actor) -> Result<DisabledUser>;

    /// The active organizations of a user, in the order of joining; the oldest [`MEMBERSHIPS_SHOWN`].
    async fn organizations_of(&self, user: UserId) -> Result<Vec<MyOrganization>>;

    /// An active organization as one of its members sees it; `None` for other users.
    async fn membership(
        &self,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<Option<MyOrganization>>;

    /// Whether a user is a member of an active organization with one of these roles.
    ///
    /// For listeners and commands; a request has its context, which proves the role.
    async fn has_role(
        &self,
        organization: OrganizationId,
        user: UserId,
        roles: &[Role],
    ) -> Result<bool> {
        let found = self.membership(organization, user).await?;
        Ok(found.is_some_and(|own| roles.contains(&own.role)))
    }

    /// Whether a user is a member of an active organization.
    async fn belongs_to(&self, organization: OrganizationId, user: UserId) -> Result<bool> {
        self.has_role(organization, user, &Role::ALL).await
    }
}

#[async_trait]
impl MembersService for Service {
    async fn search(
        &self,
        ctx: &TenantContext,
        wanted: &MembersFilter,
        request: &PageRequest,
    ) -> Result<Page<Member>> {
        let grant = ctx.require::<ViewOrganization>()?;
        let page = store::list(&self.db.read(&grant), wanted, request).await?;
        let page = self.to_members(page).await?;
        Ok(page.map(|member| member.for_reader(ctx.role())))
    }

    async fn member(&self, ctx: &TenantContext, id: MembershipId) -> Result<Member> {
        let grant = ctx.require::<ViewOrganization>()?;
        Ok(self.profile(&grant, id).await?.for_reader(ctx.role()))
    }

    async fn add_member(
        &self,
        organization: OrganizationId,
        new: NewMember,
        actor: Actor,
    ) -> Result<()> {
        let mut work = self.db.begin(&actor);
        self.lock(&mut work, organization).await?;
        self.join(&mut work, organization, new, &actor).await?;
        Ok(work.commit().await?)
    }

    async fn member_report(
        &self,
        organization: OrganizationId,
        request: &PageRequest,
    ) -> Result<Page<Member>> {
        let grant = self.system_grant::<ViewOrganization>(organization, &Actor::system())?;
        let all = MembersFilter::default();
        let page = store::list(&self.db.read(&grant), &all, request).await?;
        self.to_members(page).await
    }

    async fn set_role(
        &self,
        ctx: &TenantContext,
        member: MembershipId,
        role: Role,
    ) -> Result<Member> {
        let grant = ctx.require::<ManageMembers>()?;
        let mut work = self.db.begin(&grant);
        let own_role = self.lock_for(&mut work, &grant).await?;
        let authority = RoleAuthority {
            grant,
            role: own_role,
            limit: OwnershipLimit::Enforced,
        };
        let target = self.member_for(&mut work, &authority, member).await?;
        let new = NewRole { target, role };
        let changed = self.change_role(&mut work, &authority, new).await?;
        work.commit().await?;
        Ok(self.to_member(changed).await?.for_reader(ctx.role()))
    }

    async fn remove(&self, ctx: &TenantContext, member: MembershipId) -> Result<()> {
        let grant = ctx.require::<ManageMembers>()?;
        let mut work = self.db.begin(&grant);
        let own_role = self.lock_for(&mut work, &grant).await?;
        let authority = RoleAuthority {
            grant,
            role: own_role,
            limit: OwnershipLimit::Enforced,
        };
        let target = self.member_for(&mut work, &authority, member).await?;
        let reason = LeaveReason::Removed;
        self.end(&mut work, &authority.grant, target, reason)
            .await?;
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
        ctx.second_factor().require_recent()?;
        let mut work = self.db.begin(&grant);
        let own_role = self.lock_for(&mut work, &grant).await?;
        let authority = RoleAuthority {
            grant,
            role: own_role,
            limit: OwnershipLimit::Enforced,
        };
        let to = self.member_for(&mut work, &authority, to).await?;
        let user = authority.grant.user();
        let from = self.member_of(&mut work, &authority.grant, user).await?;
        let owner = self
            .transfer_ownership(&mut work, &authority.grant, from, to, authority.limit)
            .await?;
        work.commit().await?;
        Ok(self.to_member(owner).await?.for_reader(ctx.role()))
    }

    async fn set_role_for(
        &self,
        organization: OrganizationId,
        user: UserId,
        role: Role,
        actor: Actor,
    ) -> Result<Member> {
        let authority = RoleAuthority {
            grant: self.system_grant::<ManageMembers>(organization, &actor)?,
            role: Role::Owner,
            limit: OwnershipLimit::of(&actor),
        };
        let mut work = self.db.begin(&actor);
        self.lock(&mut work, organization).await?;
        let target = self.member_of(&mut work, &authority.grant, user).await?;
        let new = NewRole { target, role };
        let changed = self.change_role(&mut work, &authority, new).await?;
        work.commit().await?;
        self.to_member(changed).await
    }

    async fn transfer_for(
        &self,
        organization: OrganizationId,
        from: Option<UserId>,
        to: UserId,
        actor: Actor,
    ) -> Result<Member> {
        let grant = self.system_grant::<TransferOrganization>(organization, &actor)?;
        let mut work = self.db.begin(&actor);
        self.lock(&mut work, organization).await?;
        let to = self.member_of(&mut work, &grant, to).await?;
        let from = self.transferring_owner(&mut work, &grant, from).await?;
        let limit = OwnershipLimit::of(&actor);
        let owner = self.transfer_ownership(&mut work, &grant, from, to, limit);
        let owner = owner.await?;
        work.commit().await?;
        self.to_member(owner).await
    }

    async fn set_user_active(&self, user: UserId, is_active: bool, actor: Actor) -> Result<User> {
        if is_active {
            return self.enable_user(user, &actor).await;
        }
        Ok(self.lock_out(user, Force::No, &actor).await?.user)
    }

    async fn disable_user(&self, user: UserId, force: Force, actor: Actor) -> Result<DisabledUser> {
        self.lock_out(user, force, &actor).await
    }

    async fn organizations_of(&self, user: UserId) -> Result<Vec<MyOrganization>> {
        let (rows, only) = (self.db.read_global(), self.dedicated_slug());
        Ok(oldest_memberships(&rows, user, None, only, MEMBERSHIPS_SHOWN).await?)
    }

    async fn membership(
        &self,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<Option<MyOrganization>> {
        let found = membership(&self.db.read_global(), organization, user).await?;
        Ok(found.filter(|own| self.dedicated_slug().is_none_or(|only| own.slug == *only)))
    }
}
