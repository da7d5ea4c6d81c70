//! What operators do.

use std::collections::HashMap;

use async_trait::async_trait;
use tenantry_core::{
    access::{Actor, Operator},
    id::{OrganizationId, UserId},
    page::{Page, PageRequest},
};
use tenantry_domain_events::events::organizations::{
    LimitsChanged, OrganizationDisabled, OrganizationEnabled, ViewedResource,
};
use tenantry_users::{User, UserFilter};

use super::{
    MemberDetails, MemberFilter, OrganizationActivity, OrganizationChange, OrganizationFilter,
    OrganizationName, looks, store,
};
use crate::{
    MaxCount, Organization, OrganizationsError,
    entity::organization,
    service::{Result, Service},
};

/// What operators of the deployment do. Whether somebody is a superuser is asked where it makes a
/// difference to what he sees; what only superusers may do is guarded by the routes, and open to
/// the command line.
///
/// Each organization that an operator is shown something of learns of it, once for each look, and
/// nothing is shown where that could not be noted.
///
/// # Errors
/// As [`OrganizationsService`](crate::OrganizationsService).
#[async_trait]
pub trait OperatorsService: Send + Sync {
    /// One page of the organizations that the operator may see, by name.
    async fn search_organizations(
        &self,
        operator: &Operator,
        wanted: &OrganizationFilter,
        request: &PageRequest,
    ) -> Result<Page<Organization>>;

    /// One page of the members of organizations that the operator may see.
    async fn search_members(
        &self,
        operator: &Operator,
        wanted: MemberFilter,
        request: &PageRequest,
    ) -> Result<Page<MemberDetails>>;

    /// One page of the accounts of the deployment, the oldest first. Every organization that
    /// somebody of them belongs to learns of it.
    async fn search_users(
        &self,
        operator: &Operator,
        wanted: &UserFilter,
        request: &PageRequest,
    ) -> Result<Page<User>>;

    /// One account. Fails with [`UsersError::UserNotFound`](tenantry_users::UsersError).
    async fn view_user(&self, operator: &Operator, user: UserId) -> Result<User>;

    /// Closes an organization, opens it again, or limits it. A person who changes nothing has had
    /// a look. Fails with `NotFound`, also while it is being deleted.
    async fn change_organization(
        &self,
        organization: OrganizationId,
        change: OrganizationChange,
        actor: Actor,
    ) -> Result<Organization>;

    /// One page of how much each organization is used, the oldest first. Fails with `RouteNotFound`
    /// in a dedicated deployment.
    async fn report(
        &self,
        operator: &Operator,
        request: &PageRequest,
    ) -> Result<Page<OrganizationActivity>>;
}

impl Service {
    /// The organizations that an operator may see; nothing where he may see all.
    async fn visible_to(&self, operator: &Operator) -> Result<Option<Vec<OrganizationId>>> {
        if operator.is_superuser() {
            return Ok(None);
        }
        let rows = self.db.read_global();
        let own = looks::organizations_of(&rows, &[operator.user()]).await?;
        Ok(Some(own))
    }

    /// Notes what an operator is about to be shown.
    async fn tell_of_look(
        &self,
        operator: &Operator,
        at: ViewedResource,
        shown: impl IntoIterator<Item = OrganizationId>,
    ) -> Result<()> {
        let mut work = self.db.begin(operator);
        looks::tell(&mut work, at, shown);
        Ok(work.commit().await?)
    }

    /// As [`tell_of_look`](Self::tell_of_look), for accounts.
    async fn tell_of_accounts(&self, operator: &Operator, shown: &[User]) -> Result<()> {
        let people: Vec<UserId> = shown.iter().map(|user| user.id).collect();
        let belong = looks::organizations_of(&self.db.read_global(), &people).await?;
        self.tell_of_look(operator, ViewedResource::Accounts, belong)
            .await
    }
}

#[async_trait]
impl OperatorsService for Service {
    async fn search_organizations(
        &self,
        operator: &Operator,
        wanted: &OrganizationFilter,
        request: &PageRequest,
    ) -> Result<Page<Organization>> {
        let visible = self.visible_to(operator).await?;
        let rows = self.db.read_global();
        let page = store::organizations(&rows, wanted, visible, request).await?;
        let shown = page.items.iter().map(|row| row.id);
        self.tell_of_look(operator, ViewedResource::Organization, shown)
            .await?;
        Ok(page.map(Organization::from))
    }

    async fn search_members(
        &self,
        operator: &Operator,
        wanted: MemberFilter,
        request: &PageRequest,
    ) -> Result<Page<MemberDetails>> {
        let visible = self.visible_to(operator).await?;
        let rows = self.db.read_global();
        let page = store::members(&rows, wanted, visible, request).await?;
        drop(rows);
        let shown = page.items.iter().map(|member| member.organization_id);
        self.tell_of_look(operator, ViewedResource::Members, shown)
            .await?;

        let ids: Vec<UserId> = page.items.iter().map(|member| member.user_id).collect();
        let users = self.deps.users.users(&ids).await?.into_iter();
        let users: HashMap<UserId, User> = users.map(|user| (user.id, user)).collect();
        let items = page.items.into_iter().filter_map(|member| {
            // A foreign key joins the two; only an account deleted in between is missing.
            let user = users.get(&member.user_id)?;
            Some(MemberDetails {
                id: member.membership_id,
                organization: OrganizationName {
                    id: member.organization_id,
                    name: member.name,
                    slug: member.slug,
                },
                user: user.id,
                user_email: user.email.to_string(),
                user_name: user.name.clone(),
                role: member.role,
                joined_at: member.joined_at,
            })
        });
        Ok(Page {
            items: items.collect(),
            next_cursor: page.next_cursor,
        })
    }

    async fn search_users(
        &self,
        operator: &Operator,
        wanted: &UserFilter,
        request: &PageRequest,
    ) -> Result<Page<User>> {
        let page = self.deps.users.list(wanted, request).await?;
        self.tell_of_accounts(operator, &page.items).await?;
        Ok(page)
    }

    async fn view_user(&self, operator: &Operator, user: UserId) -> Result<User> {
        let user = self.deps.users.user(user).await?;
        self.tell_of_accounts(operator, std::slice::from_ref(&user))
            .await?;
        Ok(user)
    }

    async fn change_organization(
        &self,
        organization_id: OrganizationId,
        change: OrganizationChange,
        actor: Actor,
    ) -> Result<Organization> {
        let mut work = self.db.begin(actor);
        let before = self.lock(&mut work, organization_id).await?;
        let decided = decided(&before, change);
        if decided == before {
            if actor.user.is_some() {
                looks::tell(&mut work, ViewedResource::Organization, [organization_id]);
                work.commit().await?;
            }
            return Ok(before.into());
        }
        let now = self.db.runtime().now();
        let rows = work.global().await?;
        let after = store::decide(&rows, organization_id, &decided, now).await?;
        let after = after.ok_or(OrganizationsError::NotFound)?;
        match (before.is_active, after.is_active) {
            (true, false) => work.record(&OrganizationDisabled { organization_id }),
            (false, true) => work.record(&OrganizationEnabled { organization_id }),
            _ => {}
        }
        let limits = after.limits();
        if limits != before.limits() {
            work.record(&LimitsChanged {
                organization_id,
                seats: limits.seats,
                projects: limits.projects,
            });
        }
        work.commit().await?;
        Ok(after.into())
    }

    async fn report(
        &self,
        operator: &Operator,
        request: &PageRequest,
    ) -> Result<Page<OrganizationActivity>> {
        self.read_report(operator, request).await
    }
}

fn decided(before: &organization::Model, change: OrganizationChange) -> organization::Model {
    let mut decided = before.clone();
    decided.is_active = change.is_active.unwrap_or(before.is_active);
    let kept = |limit: Option<MaxCount>| limit.and_then(|limit| i32::try_from(limit.get()).ok());
    if let Some(seats) = change.limits.seats {
        decided.seat_limit = kept(seats);
    }
    if let Some(projects) = change.limits.projects {
        decided.project_limit = kept(projects);
    }
    decided
}
