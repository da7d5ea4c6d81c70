//! What the module does.

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

/// Organizations, their members, and who belongs where.
///
/// # Errors
/// Every method fails with [`OrganizationsError::Database`] when the database refuses, and the
/// methods that take a context with [`OrganizationsError::PermissionDenied`] when the role is
/// too low. What else can go wrong stands at the method.
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
    /// Makes an organization; the caller becomes its owner in the same transaction.
    ///
    /// Fails with `SlugTaken`, and with `CreationDisabled` in a dedicated deployment.
    async fn create(&self, caller: &Caller, new: NewOrganization) -> Result<MyOrganization>;

    /// Makes an organization for an owner of the operator's choice. The only way in a dedicated
    /// deployment. Fails with `SlugTaken`.
    async fn create_for(&self, owner: UserId, new: NewOrganization) -> Result<MyOrganization>;

    /// One page of the caller's organizations, by name: with a token, the one that it is bound
    /// to.
    async fn own(&self, caller: &Caller, request: &PageRequest) -> Result<Page<MyOrganization>>;

    /// Everything that an organization picker needs to know about the caller. With a token, his
    /// other organizations and what he is as an operator are not in it.
    async fn me(&self, caller: &Caller) -> Result<Me>;

    /// The context's organization.
    async fn get(&self, ctx: &TenantContext) -> Result<MyOrganization>;

    /// Renames the context's organization; its slug stays.
    async fn rename(&self, ctx: &TenantContext, name: Name) -> Result<MyOrganization>;

    /// One page of the members of the context's organization, the newest first.
    async fn members(&self, ctx: &TenantContext, request: &PageRequest) -> Result<Page<Member>>;

    /// Makes the context's organization the one of the caller's session.
    async fn switch(&self, ctx: &TenantContext, caller: &SessionCaller) -> Result<Slug>;

    /// Makes a person a member, on the system's behalf. Fails with `AlreadyMember` and
    /// `SeatLimitReached`.
    async fn add_member(
        &self,
        organization: OrganizationId,
        new: NewMember,
        actor: Actor,
    ) -> Result<()>;

    /// Makes a person a member of the organization that everybody joins, in a dedicated
    /// deployment and as soon as there is one. It is no error if he is a member already.
    async fn join_dedicated(&self, work: &mut UnitOfWork, user: UserId, actor: Actor)
    -> Result<()>;

    /// As [`join_dedicated`](Self::join_dedicated), for everybody who registered before the
    /// organization was made. Nothing happens when another organization was made: whoever was
    /// removed since must not come back by it.
    async fn join_all_dedicated(&self, work: &mut UnitOfWork, made: OrganizationId) -> Result<()>;

    /// One page of all organizations, for operators.
    async fn list(&self, request: &PageRequest) -> Result<Page<Organization>>;

    /// The organization of that slug, open or disabled, for operators.
    async fn find_by_slug(&self, slug: &Slug) -> Result<Option<Organization>>;

    /// One page of an organization's members, for operators.
    async fn member_report(
        &self,
        organization: OrganizationId,
        request: &PageRequest,
    ) -> Result<Page<Member>>;

    /// The organization that everybody joins, in a dedicated deployment. Fails with
    /// `DedicatedMissing` while there is none.
    async fn dedicated(&self) -> Result<Option<Organization>>;
}

/// A person, the organizations he belongs to, and the one he is in.
#[derive(Clone, Debug)]
pub struct Me {
    /// The account.
    pub user: User,
    /// Where he belongs, in the order of joining.
    pub memberships: Vec<MyOrganization>,
    /// Where a request without a header would act; nothing if it would be refused.
    pub current_organization: Option<MyOrganization>,
}

/// What the module needs.
#[derive(Clone)]
pub struct OrganizationsDeps {
    /// The database.
    pub database: Database,
    /// The power to say who belongs where.
    pub issuer: ContextIssuer,
    /// The users module.
    pub users: Arc<dyn UsersService>,
    /// How long sessions live.
    pub sessions: SessionLifetime,
    /// For many organizations or for one.
    pub deployment: Deployment,
    /// Who may sign up.
    pub signup: SignupPolicy,
    /// Where links begin.
    pub public_url: InvitationBaseUrl,
    /// What the operator decides once for all organizations.
    pub policy: Policy,
}

/// The module's service.
#[must_use]
pub fn service(deps: OrganizationsDeps) -> impl OrganizationsService + 'static {
    Service::new(deps)
}
