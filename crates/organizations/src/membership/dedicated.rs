//! Memberships in the organization of a dedicated deployment.

use async_trait::async_trait;
use tenantry_core::{
    access::Actor,
    db::UnitOfWork,
    id::{OrganizationId, UserId},
    page::PageRequest,
};
use tenantry_users::{User, UserFilter};

use super::{departures, members, model::NewMember};
use crate::{
    error::OrganizationsError,
    organization::{directory::DirectoryService as _, model::Organization},
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
    /// neither a member, nor a former one, nor an operator. Does nothing in other deployments.
    async fn join_dedicated(&self, work: &mut UnitOfWork, user: UserId, actor: Actor)
    -> Result<()>;

    /// As [`join_dedicated`](Self::join_dedicated), for all existing users, when the organization
    /// was created. Does nothing for another organization.
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
        let user = self.deps.users.user(user).await?;
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
        self.join_if_new(work, &organization, &user, &actor).await
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
        let Some(organization) = found.filter(|found| found.id == created) else {
            return Ok(());
        };
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
                self.join_if_new(work, &organization, &user, &Actor::system())
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
    /// Adds a user who was never a member to the dedicated organization. The caller holds its lock.
    async fn join_if_new(
        &self,
        work: &mut UnitOfWork,
        organization: &Organization,
        user: &User,
        actor: &Actor,
    ) -> Result<()> {
        let is_operator = user.is_staff || user.is_superuser;
        let (id, user) = (organization.id, user.id);
        let grant = self.system_grant::<ManageOrganization>(id, actor)?;
        let found = members::store::find_user(&work.tenant(&grant).await?, user).await?;
        let slug = &organization.slug;
        if found.is_some() || self.has_left(work, &grant, slug, user).await? {
            return Ok(());
        }
        if is_operator {
            // An operator has no membership that was not given, also after a demotion.
            let rows = work.global().await?;
            return Ok(departures::store::insert_departed(&rows, slug, &[user]).await?);
        }
        let role = self.deps.policy.join_role;
        let new = NewMember { user, role };
        self.join(work, id, new, actor).await
    }
}
