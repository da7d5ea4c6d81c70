//! The module's service.

mod creation;
mod implementation;
mod lock;
mod seats;

pub(crate) use implementation::{Invited, Service};

use std::sync::Arc;

use async_trait::async_trait;
use tenantry_core::{
    access::{Actor, Caller, ContextIssuer, ContextResolver, SessionCaller, TenantContext},
    db::{Database, UnitOfWork},
    deployment::Deployment,
    id::{OrganizationId, UserId},
    page::{Page, PageRequest},
    quota::Quotas,
    value::{Name, Slug},
};
use tenantry_users::{SessionLifetime, User, UsersService};

use crate::{
    BillingService, DeletionService, InvitationBaseUrl, InvitationsService, Member, MembersService,
    MyOrganization, NewMember, NewOrganization, OperatorsService, Organization, OrganizationsError,
    Policy, SettingsService, SignupPolicy, SignupService, TokensService,
};

pub(crate) type Result<T> = std::result::Result<T, OrganizationsError>;

/// Organizations and their members.
///
/// # Errors
/// Every method can fail with [`OrganizationsError::Database`], and a method that takes a context
/// with [`OrganizationsError::PermissionDenied`]. Methods document their other errors.
#[async_trait]
pub trait OrganizationsService:
    ContextResolver
    + Quotas
    + MembersService
    + InvitationsService
    + SignupService
    + TokensService
    + SettingsService
    + BillingService
    + OperatorsService
    + DeletionService
{
    /// Creates an organization; the caller becomes its owner in the same transaction.
    ///
    /// Fails with `SlugTaken`, and with `CreationDisabled` in a dedicated deployment.
    async fn create(&self, caller: &Caller, new: NewOrganization) -> Result<MyOrganization>;

    /// Creates an organization for another owner, for operators. The only way in a dedicated
    /// deployment. Fails with `SlugTaken`.
    async fn create_for(&self, owner: UserId, new: NewOrganization) -> Result<MyOrganization>;

    /// One page of the caller's organizations, by name; for a token, only its organization.
    async fn list_mine(
        &self,
        caller: &Caller,
        request: &PageRequest,
    ) -> Result<Page<MyOrganization>>;

    /// The caller's account and memberships, for an organization picker. A token sees neither
    /// other organizations nor operator flags.
    async fn me(&self, caller: &Caller) -> Result<Me>;

    /// The context's organization.
    async fn get(&self, ctx: &TenantContext) -> Result<MyOrganization>;

    /// Renames the context's organization; its slug stays.
    async fn rename(&self, ctx: &TenantContext, name: Name) -> Result<MyOrganization>;

    /// One page of the members of the context's organization, the newest first.
    async fn members(&self, ctx: &TenantContext, request: &PageRequest) -> Result<Page<Member>>;

    /// Selects the context's organization for the caller's session.
    async fn switch(&self, ctx: &TenantContext, caller: &SessionCaller) -> Result<Slug>;

    /// Adds a member, for operators. Fails with `AlreadyMember` and `SeatLimitReached`.
    async fn add_member(
        &self,
        organization: OrganizationId,
        new: NewMember,
        actor: Actor,
    ) -> Result<()>;

    /// Adds a user to the organization of a dedicated deployment, if that exists and the user is
    /// no member. Does nothing in other deployments.
    async fn join_dedicated(&self, work: &mut UnitOfWork, user: UserId, actor: Actor)
    -> Result<()>;

    /// As [`join_dedicated`](Self::join_dedicated), for all existing users, when the organization
    /// was created. Does nothing for another organization: it must not bring removed members
    /// back.
    async fn join_all_dedicated(
        &self,
        work: &mut UnitOfWork,
        created: OrganizationId,
    ) -> Result<()>;

    /// One page of all organizations, for operators.
    async fn list(&self, request: &PageRequest) -> Result<Page<Organization>>;

    /// The organization of that slug, active or not, for operators.
    async fn find_by_slug(&self, slug: &Slug) -> Result<Option<Organization>>;

    /// One page of an organization's members, for operators.
    async fn member_report(
        &self,
        organization: OrganizationId,
        request: &PageRequest,
    ) -> Result<Page<Member>>;

    /// The organization of a dedicated deployment. Fails with `DedicatedMissing` while there is
    /// none.
    async fn dedicated(&self) -> Result<Option<Organization>>;
}

/// A user and the user's memberships.
#[derive(Clone, Debug)]
pub struct Me {
    /// The account.
    pub user: User,
    /// The memberships, in the order of joining.
    pub memberships: Vec<MyOrganization>,
    /// The organization that a request without a header acts in; `None` if it would be refused.
    pub current_organization: Option<MyOrganization>,
}

/// The module's dependencies.
#[derive(Clone)]
pub struct OrganizationsDeps {
    /// The database.
    pub database: Database,
    /// Issues contexts.
    pub issuer: ContextIssuer,
    /// The users module.
    pub users: Arc<dyn UsersService>,
    /// The lifetime of sessions.
    pub sessions: SessionLifetime,
    /// For many organizations or for one.
    pub deployment: Deployment,
    /// Whether signing up needs an invitation.
    pub signup: SignupPolicy,
    /// The base URL of invitation links.
    pub public_url: InvitationBaseUrl,
    /// The policy for all organizations.
    pub policy: Policy,
}

/// The module's service.
#[must_use]
pub fn service(deps: OrganizationsDeps) -> impl OrganizationsService + 'static {
    Service::new(deps)
}
