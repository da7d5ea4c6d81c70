//! Memberships in the organization of a dedicated deployment.

use async_trait::async_trait;
use tenantry_core::{
    access::Actor,
    db::UnitOfWork,
    id::{OrganizationId, UserId},
    page::PageRequest,
};
use tenantry_users::UserFilter;

use super::{members, model::NewMember};
use crate::{
    error::OrganizationsError,
    organization::directory::DirectoryService as _,
    permissions::ManageOrganization,
    service::{Result, Service},
};

/// Memberships in the organization of a dedicated deployment.
///
/// # Errors
/// As [`OrganizationsService`](crate::OrganizationsService).
#[async_trait]
pub trait DedicatedMembership: Send + Sync {
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
}

#[async_trait]
impl DedicatedMembership for Service {
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
}

impl Service {
    /// Adds a user who is no member yet to the dedicated organization. The caller holds its lock.
    async fn join_if_absent(
        &self,
        work: &mut UnitOfWork,
        organization: OrganizationId,
        user: UserId,
        actor: Actor,
    ) -> Result<()> {
        let grant = self.system_grant::<ManageOrganization>(organization, actor)?;
        if members::store::find_user(&work.tenant(&grant).await?, user)
            .await?
            .is_some()
        {
            return Ok(());
        }
        let role = self.deps.policy.join_role;
        let new = NewMember { user, role };
        self.join(work, organization, new, actor).await
    }
}
