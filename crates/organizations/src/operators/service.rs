//! What operators do.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use tenantry_core::{
    access::{Actor, Operator},
    id::{OrganizationId, UserId},
    page::{Page, PageRequest},
};
use tenantry_domain_events::events::organizations::{
    LimitsChanged, OperatorLooked, OrganizationDisabled, OrganizationEnabled,
};
use tenantry_users::User;

use super::{
    KnownMember, MemberFilter, OrganizationActivity, OrganizationChange, OrganizationFilter,
    OrganizationName, store,
};
use crate::{
    MaxCount, Organization, OrganizationsError,
    entity::{known_membership, organization},
    service::{Result, Service},
};

/// What operators of the deployment do. Whether somebody is a superuser is asked where it makes a
/// difference to what he sees; what only superusers may do is guarded by the routes, and open to
/// the command line.
///
/// # Errors
/// As [`OrganizationsService`](crate::OrganizationsService).
#[async_trait]
pub trait OperatorsService: Send + Sync {
    /// One page of the organizations that the operator may see, by name.
    async fn look_for_organizations(
        &self,
        operator: &Operator,
        wanted: &OrganizationFilter,
        request: &PageRequest,
    ) -> Result<Page<Organization>>;

    /// One page of the members of organizations that the operator may see. Each of those
    /// organizations whose members he is shown learns of it.
    async fn look_for_members(
        &self,
        operator: &Operator,
        wanted: MemberFilter,
        request: &PageRequest,
    ) -> Result<Page<KnownMember>>;

    /// Closes an organization, opens it again, or limits it. Fails with `NotFound`, also while it
    /// is being deleted.
    async fn change_organization(
        &self,
        organization: OrganizationId,
        change: OrganizationChange,
        actor: Actor,
    ) -> Result<Organization>;

    /// One page of how much each organization is used, the oldest first. Fails with `NothingHere`
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
        let own = store::organizations_of(&rows, operator.user()).await?;
        Ok(Some(own))
    }

    /// Tells each organization how many of its members an operator saw.
    async fn tell_of_look(
        &self,
        operator: &Operator,
        seen: &[known_membership::Model],
    ) -> Result<()> {
        let mut looks: BTreeMap<OrganizationId, u32> = BTreeMap::new();
        for member in seen {
            *looks.entry(member.organization_id).or_default() += 1;
        }
        if looks.is_empty() {
            return Ok(());
        }
        let mut work = self.db.begin(operator);
        for (organization_id, members) in looks {
            work.record(&OperatorLooked {
                organization_id,
                members,
            });
        }
        Ok(work.commit().await?)
    }
}

#[async_trait]
impl OperatorsService for Service {
    async fn look_for_organizations(
        &self,
        operator: &Operator,
        wanted: &OrganizationFilter,
        request: &PageRequest,
    ) -> Result<Page<Organization>> {
        let visible = self.visible_to(operator).await?;
        let rows = self.db.read_global();
        let page = store::organizations(&rows, wanted, visible, request).await?;
        Ok(page.map(Organization::from))
    }

    async fn look_for_members(
        &self,
        operator: &Operator,
        wanted: MemberFilter,
        request: &PageRequest,
    ) -> Result<Page<KnownMember>> {
        let visible = self.visible_to(operator).await?;
        let rows = self.db.read_global();
        let page = store::members(&rows, wanted, visible, request).await?;
        drop(rows);
        self.tell_of_look(operator, &page.items).await?;

        let ids: Vec<UserId> = page.items.iter().map(|member| member.user_id).collect();
        let users = self.deps.users.users(&ids).await?.into_iter();
        let users: HashMap<UserId, User> = users.map(|user| (user.id, user)).collect();
        let items = page.items.into_iter().filter_map(|member| {
            // A foreign key joins the two; only an account deleted in between is missing.
            let user = users.get(&member.user_id)?;
            Some(KnownMember {
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
            return Ok(before.into());
        }
        let now = self.db.sources().now();
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
