//! The operations on organizations.

use async_trait::async_trait;
use tenantry_core::{
    access::{Actor, Caller, SessionCaller, TenantContext},
    db::GlobalRows,
    deployment::Deployment,
    event::Changes,
    page::{Page, PageRequest},
    value::{Name, Slug},
};
use tenantry_domain_events::events::organizations::OrganizationRenamed;
use tenantry_users::User;

use super::{
    model::{MEMBERSHIPS_SHOWN, MyOrganization, NewOrganization},
    navigation::Navigation,
    store,
};
use crate::{
    error::OrganizationsError,
    permissions::{ManageOrganization, ViewOrganization},
    service::{Result, Service},
};

/// The caller's organizations.
///
/// # Errors
/// Every method can fail with [`OrganizationsError::Database`], and a method that takes a context
/// with [`OrganizationsError::PermissionDenied`]. Methods document their other errors.
#[async_trait]
pub trait OrganizationsService: Send + Sync {
    /// Creates an organization; the caller becomes its owner in the same transaction.
    ///
    /// Fails with `SlugTaken`, and with `CreationDisabled` in a dedicated deployment.
    async fn create(&self, caller: &Caller, new: NewOrganization) -> Result<MyOrganization>;

    /// One page of all of the caller's organizations, by name; for a token, only its organization.
    async fn list_mine(
        &self,
        caller: &Caller,
        request: &PageRequest,
    ) -> Result<Page<MyOrganization>> {
        self.search_mine(caller, None, request).await
    }

    /// As [`list_mine`](Self::list_mine), those only whose name or slug contains the text.
    async fn search_mine(
        &self,
        caller: &Caller,
        text: Option<&str>,
        request: &PageRequest,
    ) -> Result<Page<MyOrganization>>;

    /// The caller's account and memberships, for an organization picker. A token sees neither
    /// other organizations nor operator flags.
    async fn me(&self, caller: &Caller) -> Result<Me>;

    /// What the head of a page shows: the caller, the caller's organizations, and the context's.
    async fn navigation(
        &self,
        caller: &SessionCaller,
        ctx: Option<&TenantContext>,
    ) -> Result<Navigation>;

    /// The context's organization.
    async fn get(&self, ctx: &TenantContext) -> Result<MyOrganization>;

    /// Renames the context's organization; its slug stays.
    async fn rename(&self, ctx: &TenantContext, name: Name) -> Result<MyOrganization>;

    /// Selects the context's organization for the caller's session.
    async fn switch(&self, ctx: &TenantContext, caller: &SessionCaller) -> Result<Slug>;
}

/// A user and the user's memberships.
#[derive(Clone, Debug)]
pub struct Me {
    /// The account.
    pub user: User,
    /// The oldest memberships, in the order of joining, at most 100.
    pub memberships: Vec<MyOrganization>,
    /// Whether there are more of them.
    pub memberships_truncated: bool,
    /// The organization that a request without a header acts in; `None` if it would be refused.
    pub current_organization: Option<MyOrganization>,
}

#[async_trait]
impl OrganizationsService for Service {
    async fn create(&self, caller: &Caller, new: NewOrganization) -> Result<MyOrganization> {
        if !self.deps.deployment.multi_org_enabled() {
            return Err(OrganizationsError::CreationDisabled);
        }
        self.create_organization(caller.user(), &Actor::from(caller), new)
            .await
    }

    async fn search_mine(
        &self,
        caller: &Caller,
        text: Option<&str>,
        request: &PageRequest,
    ) -> Result<Page<MyOrganization>> {
        let (rows, only) = (self.db.read_global(), self.dedicated_slug());
        Ok(store::own_organizations(&rows, caller, only, text, request).await?)
    }

    async fn me(&self, caller: &Caller) -> Result<Me> {
        let rows = self.db.read_global();
        let mut user = self.deps.users.user(caller.user()).await?;
        let only = self.dedicated_slug();
        let (user_id, bound) = (caller.user(), caller.restricted_to());
        let mut memberships =
            store::oldest_memberships(&rows, user_id, bound, only, MEMBERSHIPS_SHOWN + 1).await?;
        let memberships_truncated = memberships.len() > MEMBERSHIPS_SHOWN;
        memberships.truncate(MEMBERSHIPS_SHOWN);
        if caller.restricted_to().is_some() {
            // A token never carries operator flags.
            (user.is_staff, user.is_superuser) = (false, false);
        }
        let current_organization = self
            .current(&rows, caller, &memberships, memberships_truncated)
            .await?;
        Ok(Me {
            user,
            memberships,
            memberships_truncated,
            current_organization,
        })
    }

    async fn navigation(
        &self,
        caller: &SessionCaller,
        ctx: Option<&TenantContext>,
    ) -> Result<Navigation> {
        self.navigation_of(caller, ctx).await
    }

    async fn get(&self, ctx: &TenantContext) -> Result<MyOrganization> {
        let grant = ctx.require::<ViewOrganization>()?;
        let rows = self.db.read_global();
        let found = store::membership(&rows, grant.organization(), grant.user()).await?;
        found.ok_or(OrganizationsError::NotFound)
    }

    async fn rename(&self, ctx: &TenantContext, name: Name) -> Result<MyOrganization> {
        let grant = ctx.require::<ManageOrganization>()?;
        let organization_id = grant.organization();
        let now = self.db.runtime().now();
        let mut work = self.db.begin(&grant);
        self.lock_for(&mut work, &grant).await?;
        let rows = work.global().await?;
        let before = store::organization(&rows, organization_id).await?;
        let before = before.ok_or(OrganizationsError::NotFound)?;
        if before.name == name {
            drop(work);
            return self.get(ctx).await;
        }
        if !store::rename(&rows, organization_id, &name, now).await? {
            return Err(OrganizationsError::NotFound);
        }
        let changes = Changes::default().field("name", before.name, &name);
        let event = OrganizationRenamed {
            organization_id,
            name,
        };
        work.record_change(&event, changes);
        work.commit().await?;
        self.get(ctx).await
    }

    async fn switch(&self, ctx: &TenantContext, caller: &SessionCaller) -> Result<Slug> {
        let organization = self.get(ctx).await?;
        let users = &self.deps.users;
        users.select_organization(caller, organization.id).await?;
        Ok(organization.slug)
    }
}

impl Service {
    /// The organization of a request without a header, by the order of [`context`]. These are the
    /// oldest memberships of the caller, all of them or some.
    pub(super) async fn current(
        &self,
        rows: &GlobalRows<'_>,
        caller: &Caller,
        memberships: &[MyOrganization],
        are_some: bool,
    ) -> Result<Option<MyOrganization>> {
        let selected = match caller.session() {
            Some(session) => store::selected_organization(rows, session).await?,
            None => None,
        };
        let mut memberships = memberships.iter();
        let found = match (&self.deps.deployment, selected) {
            (_, Some(selected)) if are_some => {
                return Ok(store::membership(rows, selected, caller.user()).await?);
            }
            (Deployment::Dedicated { organization }, _) => {
                memberships.find(|own| own.slug == *organization)
            }
            (Deployment::Saas, Some(selected)) => memberships.find(|own| own.id == selected),
            (Deployment::Saas, None) => memberships.next(),
        };
        Ok(found.cloned())
    }
}
