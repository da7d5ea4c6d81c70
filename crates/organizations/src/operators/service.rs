//! The operations of operators.

use std::collections::HashMap;

use async_trait::async_trait;
use tenantry_core::{
    access::{Actor, Operator, Role},
    clock::Timestamp,
    event::Changes,
    id::{OrganizationId, UserId},
    page::{Page, PageRequest},
};
use tenantry_domain_events::events::organizations::{
    DueEntry, LimitsChanged, OrganizationDisabled, OrganizationEnabled, ViewedResource,
};
use tenantry_users::{User, UserFilter};

use super::{
    due_entries::Entries,
    model::{
        AccountDetails, MemberDetails, MemberFilter, OrganizationActivity, OrganizationChange,
        OrganizationDetails, OrganizationFilter, OrganizationName, OrganizationState,
        OrganizationView, ReportOrder,
    },
    report::SORTED,
    store, view_audit,
};
use crate::{
    entity::organization,
    error::OrganizationsError,
    organization::{
        model::Organization,
        quotas::{
            model::{MaxCount, PROJECTS, SEATS},
            registry::UsageByQuota,
        },
    },
    service::{Result, Service},
};

/// The operations of operators. The service checks for superusers only where they see more; the
/// routes guard what only superusers may do, and the command line may do everything.
///
/// Every view is recorded in each organization that it shows. If that fails, nothing is shown.
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
    ) -> Result<Page<OrganizationDetails>>;

    /// An organization that is not being deleted, with what it holds.
    async fn view_organization(
        &self,
        operator: &Operator,
        organization: OrganizationId,
    ) -> Result<OrganizationDetails>;

    /// One page of the members of organizations that the operator may see.
    async fn search_members(
        &self,
        operator: &Operator,
        wanted: &MemberFilter,
        request: &PageRequest,
    ) -> Result<Page<MemberDetails>>;

    /// One page of the accounts of the deployment, the oldest first. The view is recorded in every
    /// organization of these users: in the first ones before it is shown, in the others soon after.
    async fn search_users(
        &self,
        operator: &Operator,
        wanted: &UserFilter,
        request: &PageRequest,
    ) -> Result<Page<AccountDetails>>;

    /// One account. Fails with [`UsersError::UserNotFound`](tenantry_users::UsersError).
    async fn view_user(&self, operator: &Operator, user: UserId) -> Result<AccountDetails>;

    /// Disables, enables or limits an organization, or gives it an owner. An operator who changes
    /// nothing has viewed it. Fails with `NotFound`, also while it is being deleted; for an owner,
    /// with `OwnerExists`, `MemberNotFound` and `OwnerInactive`.
    async fn change_organization(
        &self,
        organization: OrganizationId,
        change: OrganizationChange,
        actor: Actor,
    ) -> Result<Organization>;

    /// One page of each organization's usage, the oldest first. Fails with `RouteNotFound` in a
    /// dedicated deployment.
    async fn report(
        &self,
        operator: &Operator,
        request: &PageRequest,
    ) -> Result<Page<OrganizationActivity>>;

    /// The first 100 of the report in another order than by age. Beyond 10,000 organizations, the
    /// oldest 10,000 are sorted. The view is recorded as that of the report.
    async fn sorted_report(
        &self,
        operator: &Operator,
        order: ReportOrder,
    ) -> Result<Vec<OrganizationActivity>>;

    /// When the oldest 10,000 organizations were created, oldest first. It shows none of them, so no view
    /// is recorded.
    async fn growth(&self, operator: &Operator) -> Result<Vec<Timestamp>>;

    /// The context in which an operator looks at an organization's rows of other modules: a viewer's.
    /// The look is recorded in the organization. Fails with `NotFound` for one that is not visible.
    async fn look_into(
        &self,
        operator: &Operator,
        organization: OrganizationId,
    ) -> Result<OrganizationView>;

    /// The same for a page of the visible organizations that match, by name.
    async fn look_into_all(
        &self,
        operator: &Operator,
        filter: &OrganizationFilter,
        request: &PageRequest,
    ) -> Result<Page<OrganizationView>>;
}

impl Service {
    /// The organizations that an operator may see; `None` for all.
    async fn visible_to(&self, operator: &Operator) -> Result<Option<Vec<OrganizationId>>> {
        if operator.is_superuser() {
            return Ok(None);
        }
        let rows = self.db.read_global();
        Ok(Some(store::visible_to(&rows, operator.user()).await?))
    }

    /// A viewer's context in an organization, for an operator.
    fn view(&self, operator: &Operator, row: organization::Model) -> OrganizationView {
        let issuer = &self.deps.issuer;
        OrganizationView {
            context: issuer.tenant(row.id, operator.user(), Role::Viewer, Actor::from(operator)),
            organization: OrganizationName {
                id: row.id,
                name: row.name,
                slug: row.slug,
            },
        }
    }

    /// Records what an operator is about to see.
    async fn record_view(
        &self,
        operator: &Operator,
        at: ViewedResource,
        shown: impl IntoIterator<Item = OrganizationId>,
    ) -> Result<()> {
        let mut work = self.db.begin(operator);
        view_audit::record(&mut work, at, shown);
        Ok(work.commit().await?)
    }

    /// As [`record_view`](Self::record_view), for accounts.
    async fn record_account_views(&self, operator: &Operator, shown: &[User]) -> Result<()> {
        let entries = Entries {
            user: operator.user(),
            accounts: shown.iter().map(|user| user.id).collect(),
            entry: DueEntry::Viewed,
        };
        let first = entries.first(&self.db.read_global()).await?;
        let mut work = self.db.begin(operator);
        first.record(&mut work);
        Ok(work.commit().await?)
    }
}

#[async_trait]
impl OperatorsService for Service {
    async fn search_organizations(
        &self,
        operator: &Operator,
        wanted: &OrganizationFilter,
        request: &PageRequest,
    ) -> Result<Page<OrganizationDetails>> {
        let visible = self.visible_to(operator).await?;
        let rows = self.db.read_global();
        let page = store::organizations(&rows, wanted, visible, request).await?;
        let ids: Vec<OrganizationId> = page.items.iter().map(|row| row.id).collect();
        let usage = self.quotas.usage(&rows, &ids).await?;
        drop(rows);
        self.record_view(operator, ViewedResource::Organization, ids)
            .await?;
        Ok(page.map(|row| details(row, &usage)))
    }

    async fn view_organization(
        &self,
        operator: &Operator,
        organization: OrganizationId,
    ) -> Result<OrganizationDetails> {
        let rows = self.db.read_global();
        let found = store::undeleted(&rows, organization).await?;
        let found = found.ok_or(OrganizationsError::NotFound)?;
        let usage = self.quotas.usage(&rows, &[organization]).await?;
        drop(rows);
        self.record_view(operator, ViewedResource::Organization, [organization])
            .await?;
        Ok(details(found, &usage))
    }

    async fn search_members(
        &self,
        operator: &Operator,
        wanted: &MemberFilter,
        request: &PageRequest,
    ) -> Result<Page<MemberDetails>> {
        let visible = self.visible_to(operator).await?;
        let rows = self.db.read_global();
        let page = store::members(&rows, wanted, visible, request).await?;
        drop(rows);
        let shown = page.items.iter().map(|member| member.organization_id);
        self.record_view(operator, ViewedResource::Members, shown)
            .await?;

        let ids: Vec<UserId> = page.items.iter().map(|member| member.user_id).collect();
        let users = self.deps.users.users(&ids).await?.into_iter();
        let users: HashMap<UserId, User> = users.map(|user| (user.id, user)).collect();
        let items = page.items.into_iter().filter_map(|member| {
            // Only an account that was deleted between the two queries is missing.
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
                is_active: user.is_active,
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
    ) -> Result<Page<AccountDetails>> {
        let page = self.deps.users.list(wanted, request).await?;
        self.record_account_views(operator, &page.items).await?;
        let ids: Vec<UserId> = page.items.iter().map(|user| user.id).collect();
        let last_seen = self.deps.users.last_seen(&ids).await?;
        Ok(page.map(|user| AccountDetails {
            last_seen_at: last_seen.get(&user.id).copied(),
            user,
        }))
    }

    async fn view_user(&self, operator: &Operator, user: UserId) -> Result<AccountDetails> {
        let user = self.deps.users.user(user).await?;
        self.record_account_views(operator, std::slice::from_ref(&user))
            .await?;
        let last_seen = self.deps.users.last_seen(&[user.id]).await?;
        Ok(AccountDetails {
            last_seen_at: last_seen.get(&user.id).copied(),
            user,
        })
    }

    async fn change_organization(
        &self,
        organization_id: OrganizationId,
        change: OrganizationChange,
        actor: Actor,
    ) -> Result<Organization> {
        let mut work = self.db.begin(&actor);
        let before = self.lock(&mut work, organization_id).await?;
        let updated = updated(&before, &change);
        if let Some(owner) = change.owner {
            self.give_owner(&mut work, organization_id, owner, &actor)
                .await?;
            if updated == before {
                work.commit().await?;
                return Ok(before.into());
            }
        } else if updated == before {
            if actor.user.is_some() {
                view_audit::record(&mut work, ViewedResource::Organization, [organization_id]);
                work.commit().await?;
            }
            return Ok(before.into());
        }
        let now = self.db.runtime().now();
        let rows = work.global().await?;
        let after = store::update(&rows, organization_id, &updated, now).await?;
        let after = after.ok_or(OrganizationsError::NotFound)?;
        let changes = Changes::default().field("is_active", before.is_active, after.is_active);
        match (before.is_active, after.is_active) {
            (true, false) => {
                let reason = match change.state {
                    Some(OrganizationState::Disabled { reason }) => reason,
                    _ => None,
                };
                let event = OrganizationDisabled {
                    organization_id,
                    reason,
                };
                work.record_change(&event, changes);
            }
            (false, true) => work.record_change(&OrganizationEnabled { organization_id }, changes),
            _ => {}
        }
        let (were, limits) = (before.limits(), after.limits());
        if limits != were {
            let event = LimitsChanged {
                organization_id,
                seats: limits.seats,
                projects: limits.projects,
            };
            let changes = Changes::default()
                .field("seats", were.seats, limits.seats)
                .field("projects", were.projects, limits.projects);
            work.record_change(&event, changes);
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

    async fn sorted_report(
        &self,
        operator: &Operator,
        order: ReportOrder,
    ) -> Result<Vec<OrganizationActivity>> {
        self.read_sorted_report(operator, order).await
    }

    async fn growth(&self, _: &Operator) -> Result<Vec<Timestamp>> {
        let oldest = store::oldest(&self.db.read_global(), SORTED).await?;
        Ok(oldest.into_iter().map(|row| row.created_at).collect())
    }

    async fn look_into(
        &self,
        operator: &Operator,
        organization: OrganizationId,
    ) -> Result<OrganizationView> {
        let visible = self.visible_to(operator).await?;
        let is_visible = visible.is_none_or(|visible| visible.contains(&organization));
        let found = store::undeleted(&self.db.read_global(), organization).await?;
        let found = found.filter(|_| is_visible);
        let found = found.ok_or(OrganizationsError::NotFound)?;
        self.record_view(operator, ViewedResource::Rows, [found.id])
            .await?;
        Ok(self.view(operator, found))
    }

    async fn look_into_all(
        &self,
        operator: &Operator,
        filter: &OrganizationFilter,
        request: &PageRequest,
    ) -> Result<Page<OrganizationView>> {
        let visible = self.visible_to(operator).await?;
        let rows = self.db.read_global();
        let page = store::organizations(&rows, filter, visible, request).await?;
        drop(rows);
        let shown = page.items.iter().map(|row| row.id);
        self.record_view(operator, ViewedResource::Rows, shown)
            .await?;
        Ok(page.map(|row| self.view(operator, row)))
    }
}

fn details(row: organization::Model, usage: &UsageByQuota) -> OrganizationDetails {
    OrganizationDetails {
        members: usage.of(SEATS, row.id).count,
        projects: usage.of(PROJECTS, row.id).count,
        organization: row.into(),
    }
}

fn updated(before: &organization::Model, change: &OrganizationChange) -> organization::Model {
    let mut updated = before.clone();
    if let Some(state) = &change.state {
        updated.is_active = state.is_active();
    }
    let column = |limit: Option<MaxCount>| limit.and_then(|limit| i32::try_from(limit.get()).ok());
    if let Some(seats) = change.limits.seats {
        updated.seat_limit = column(seats);
    }
    if let Some(projects) = change.limits.projects {
        updated.project_limit = column(projects);
    }
    updated
}
