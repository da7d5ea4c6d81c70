//! The implementation of the service.

use std::collections::HashMap;

use async_trait::async_trait;
use tenantry_core::{
    access::{
        AccessError, Actor, AuthMethod, Caller, ContextRequest, ContextResolver, Grant, Permission,
        PermissionDenied, ResolvedContext, Role, SessionCaller, TenantContext,
    },
    clock::Timestamp,
    db::{Database, UnitOfWork},
    deployment::Deployment,
    id::{OrganizationId, SessionId, UserId},
    page::{Page, PageRequest},
    value::{Name, Slug},
};
use tenantry_domain_events::events::organizations::{OrganizationRenamed, UserJoinedOrganization};
use tenantry_users::UserFilter;

use super::{Me, OrganizationsDeps, OrganizationsService, Result};
use crate::{
    ManageOrganization, Member, MyOrganization, NewMember, NewOrganization, Organization,
    OrganizationsError, ViewOrganization, context, entity::member, store,
};

/// The invitation of a new member.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Invited {
    pub(crate) by: UserId,
    pub(crate) at: Timestamp,
}

pub(crate) struct Service {
    pub(crate) db: Database,
    pub(crate) deps: OrganizationsDeps,
    loaders: context::Loaders,
}

impl Service {
    pub(super) fn new(deps: OrganizationsDeps) -> Self {
        Self {
            db: deps.database.clone(),
            loaders: context::Loaders::new(&deps.database, deps.sessions),
            deps,
        }
    }

    /// A grant of the system, which acts as an owner without a membership.
    pub(crate) fn system_grant<P: Permission>(
        &self,
        organization: OrganizationId,
        actor: Actor,
    ) -> std::result::Result<Grant<P>, PermissionDenied> {
        let no_user = UserId::from(tenantry_core::id::Uuid::nil());
        let user = actor.user.unwrap_or(no_user);
        let issuer = &self.deps.issuer;
        issuer
            .tenant(organization, user, Role::Owner, actor)
            .require()
    }

    /// Adds a member, in a unit of work that locked or created the organization.
    pub(crate) async fn join(
        &self,
        work: &mut UnitOfWork,
        organization: OrganizationId,
        new: NewMember,
        actor: Actor,
    ) -> Result<()> {
        let joined = self
            .add_membership(work, organization, new, None, actor)
            .await;
        joined.map(drop)
    }

    /// As [`join`](Self::join), optionally by an invitation. Every new membership is made here.
    pub(crate) async fn add_membership(
        &self,
        work: &mut UnitOfWork,
        organization: OrganizationId,
        new: NewMember,
        invited: Option<Invited>,
        actor: Actor,
    ) -> Result<member::Model> {
        if new.role == Role::Owner {
            self.require_active(work, new.user).await?;
        }
        let grant = self.system_grant::<ManageOrganization>(organization, actor)?;
        let runtime = self.db.runtime();
        let rows = work.tenant(&grant).await?;
        let joined =
            store::insert_member(&rows, runtime.new_id(), new, invited, runtime.now()).await;
        let joined = joined.map_err(|error| {
            if error.is_duplicate_of("organization_members_organization_id_user_id_key") {
                OrganizationsError::AlreadyMember
            } else {
                error.into()
            }
        })?;
        // The new member is counted already.
        self.check_seats(work, &grant, 0).await?;
        work.record(&UserJoinedOrganization {
            organization_id: organization,
            user_id: new.user,
            role: new.role,
            invited_by_user_id: invited.map(|invited| invited.by),
        });
        Ok(joined)
    }

    /// Adds a user who is no member yet to the dedicated organization. The caller holds its lock.
    async fn join_if_absent(
        &self,
        work: &mut UnitOfWork,
        organization: OrganizationId,
        user: UserId,
        actor: Actor,
    ) -> Result<()> {
        let grant = self.system_grant::<ManageOrganization>(organization, actor)?;
        if store::member_of(&work.tenant(&grant).await?, user)
            .await?
            .is_some()
        {
            return Ok(());
        }
        let role = self.deps.policy.join_role;
        let new = NewMember { user, role };
        self.join(work, organization, new, actor).await
    }

    async fn page_of_members<P>(
        &self,
        grant: &Grant<P>,
        request: &PageRequest,
    ) -> Result<Page<Member>> {
        let rows = self.db.read(grant);
        let page = store::members(&rows, request).await?;
        drop(rows);
        let ids: Vec<UserId> = page.items.iter().map(|member| member.user_id).collect();
        let users = self.deps.users.users(&ids).await?.into_iter();
        let mut users: HashMap<UserId, _> = users.map(|user| (user.id, user)).collect();
        let next_cursor = page.next_cursor;
        let items = page.items.into_iter().filter_map(|member| {
            // Only an account that was deleted between the two queries is missing.
            let user = users.remove(&member.user_id)?;
            Some(Member::of(member, user))
        });
        Ok(Page {
            items: items.collect(),
            next_cursor,
        })
    }

    /// The organization of a request without a header, by the order of [`context`].
    fn current(
        &self,
        memberships: &[MyOrganization],
        selected: Option<OrganizationId>,
    ) -> Option<MyOrganization> {
        let mut memberships = memberships.iter();
        match (&self.deps.deployment, selected) {
            (Deployment::Dedicated { organization }, _) => {
                memberships.find(|own| own.slug == *organization)
            }
            (Deployment::Saas, Some(selected)) => memberships.find(|own| own.id == selected),
            (Deployment::Saas, None) => memberships.next(),
        }
        .cloned()
    }

    /// The slug of a dedicated deployment's organization.
    pub(crate) fn dedicated_slug(&self) -> Option<&Slug> {
        match &self.deps.deployment {
            Deployment::Saas => None,
            Deployment::Dedicated { organization } => Some(organization),
        }
    }

    async fn keep_alive(&self, session: SessionId, last_seen_at: Timestamp) {
        // Recording every request would make every read a write; this is exact enough.
        let every = self.deps.sessions.idle / 100;
        if self.db.runtime().now() - last_seen_at < every {
            return;
        }
        // The request succeeds either way; the session would only expire a little early.
        if let Err(error) = self.deps.users.keep_alive(session).await {
            tracing::warn!(%error, "a session could not be marked as seen");
        }
    }
}

#[async_trait]
impl ContextResolver for Service {
    async fn resolve(
        &self,
        request: ContextRequest,
    ) -> std::result::Result<ResolvedContext, AccessError> {
        let OrganizationsDeps {
            issuer,
            deployment,
            sessions,
            ..
        } = &self.deps;
        let (db, loaders) = (&self.db, &self.loaders);
        let resolved = context::resolve(db, loaders, issuer, deployment, sessions, &request);
        let resolved = resolved.await?;
        match (resolved.context.caller.auth_method(), resolved.last_used_at) {
            (AuthMethod::Session(session), Some(last)) => self.keep_alive(session, last).await,
            (AuthMethod::Session(_), None) => {}
            (AuthMethod::Token { id, organization }, last) => {
                self.touch(organization, id, last).await
            }
        }
        Ok(resolved.context)
    }
}

#[async_trait]
impl OrganizationsService for Service {
    async fn create(&self, caller: &Caller, new: NewOrganization) -> Result<MyOrganization> {
        if !self.deps.deployment.multi_org_enabled() {
            return Err(OrganizationsError::CreationDisabled);
        }
        self.create_organization(caller.user(), Actor::from(caller), new)
            .await
    }

    async fn create_for(&self, owner: UserId, new: NewOrganization) -> Result<MyOrganization> {
        self.create_organization(owner, Actor::system(), new).await
    }

    async fn list_mine(
        &self,
        caller: &Caller,
        request: &PageRequest,
    ) -> Result<Page<MyOrganization>> {
        let rows = self.db.read_global();
        Ok(store::own_organizations(&rows, caller, self.dedicated_slug(), request).await?)
    }

    async fn me(&self, caller: &Caller) -> Result<Me> {
        let rows = self.db.read_global();
        let mut user = self.deps.users.user(caller.user()).await?;
        let mut memberships = store::memberships(&rows, caller.user()).await?;
        if let Some(only) = self.dedicated_slug() {
            memberships.retain(|own| own.slug == *only);
        }
        if let Some(only) = caller.restricted_to() {
            memberships.retain(|own| own.id == only);
            // A token never carries operator flags.
            (user.is_staff, user.is_superuser) = (false, false);
        }
        let selected = match caller.session() {
            Some(session) => store::selected_organization(&rows, session).await?,
            None => None,
        };
        let current_organization = self.current(&memberships, selected);
        Ok(Me {
            user,
            memberships,
            current_organization,
        })
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
        if !store::rename(&rows, organization_id, &name, now).await? {
            return Err(OrganizationsError::NotFound);
        }
        work.record(&OrganizationRenamed {
            organization_id,
            name,
        });
        work.commit().await?;
        self.get(ctx).await
    }

    async fn members(&self, ctx: &TenantContext, request: &PageRequest) -> Result<Page<Member>> {
        let grant = ctx.require::<ViewOrganization>()?;
        self.page_of_members(&grant, request).await
    }

    async fn switch(&self, ctx: &TenantContext, caller: &SessionCaller) -> Result<Slug> {
        let organization = self.get(ctx).await?;
        let users = &self.deps.users;
        users.select_organization(caller, organization.id).await?;
        Ok(organization.slug)
    }

    async fn add_member(
        &self,
        organization: OrganizationId,
        new: NewMember,
        actor: Actor,
    ) -> Result<()> {
        let mut work = self.db.begin(actor);
        self.lock(&mut work, organization).await?;
        self.join(&mut work, organization, new, actor).await?;
        Ok(work.commit().await?)
    }

    async fn join_dedicated(
        &self,
        work: &mut UnitOfWork,
        user: UserId,
        actor: Actor,
    ) -> Result<()> {
        let Some(slug) = self.dedicated_slug() else {
            return Ok(());
        };
        // Even if it is disabled: the membership counts when it is enabled again.
        let found = self.find_by_slug(slug).await?;
        let Some(organization) = found.filter(|found| found.deleted_at.is_none()) else {
            return Ok(());
        };
        match self.lock(work, organization.id).await {
            // It is being deleted.
            Err(OrganizationsError::NotFound) => return Ok(()),
            locked => drop(locked?),
        }
        self.join_if_absent(work, organization.id, user, actor)
            .await
    }

    async fn join_all_dedicated(
        &self,
        work: &mut UnitOfWork,
        created: OrganizationId,
    ) -> Result<()> {
        let Some(slug) = self.dedicated_slug() else {
            return Ok(());
        };
        let found = self.find_by_slug(slug).await?;
        if found.is_none_or(|found| found.id != created) {
            return Ok(());
        }
        match self.lock(work, created).await {
            // It is being deleted.
            Err(OrganizationsError::NotFound) => return Ok(()),
            locked => drop(locked?),
        }
        let (users, all) = (&self.deps.users, UserFilter::default());
        let mut request = PageRequest::default();
        loop {
            let page = users.list(&all, &request).await?;
            for user in page.items {
                self.join_if_absent(work, created, user.id, Actor::system())
                    .await?;
            }
            request.cursor = page.next_cursor;
            if request.cursor.is_none() {
                return Ok(());
            }
        }
    }

    async fn list(&self, request: &PageRequest) -> Result<Page<Organization>> {
        Ok(store::organizations(&self.db.read_global(), request).await?)
    }

    async fn find_by_slug(&self, slug: &Slug) -> Result<Option<Organization>> {
        Ok(store::organization_by_slug(&self.db.read_global(), slug).await?)
    }

    async fn member_report(
        &self,
        organization: OrganizationId,
        request: &PageRequest,
    ) -> Result<Page<Member>> {
        let grant = self.system_grant::<ViewOrganization>(organization, Actor::system())?;
        self.page_of_members(&grant, request).await
    }

    async fn dedicated(&self) -> Result<Option<Organization>> {
        let Some(slug) = self.dedicated_slug() else {
            return Ok(None);
        };
        match self.find_by_slug(slug).await? {
            Some(organization) if organization.is_active => Ok(Some(organization)),
            _ => Err(OrganizationsError::DedicatedMissing),
        }
    }
}
