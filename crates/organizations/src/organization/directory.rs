//! All organizations of the deployment, for operators and the server itself.

use async_trait::async_trait;
use tenantry_core::{
    access::Actor,
    id::{OrganizationId, UserId},
    page::{Page, PageRequest},
    value::Slug,
};

use super::{
    model::{MyOrganization, NewOrganization, Organization},
    store,
};
use crate::{
    error::OrganizationsError,
    service::{Result, Service},
};

/// All organizations of the deployment, for operators and the server itself.
///
/// # Errors
/// As [`OrganizationsService`](crate::OrganizationsService).
#[async_trait]
pub trait DirectoryService: Send + Sync {
    /// Creates an organization for another owner, on the command line. The only way in a dedicated
    /// deployment. Fails with `SlugTaken`.
    async fn create_for(&self, owner: UserId, new: NewOrganization) -> Result<MyOrganization>;

    /// One page of all organizations, for operators.
    async fn list(&self, request: &PageRequest) -> Result<Page<Organization>>;

    /// The organization of that id, active or not, for the server itself.
    async fn find(&self, id: OrganizationId) -> Result<Option<Organization>>;

    /// The organization of that slug, active or not, for operators.
    async fn find_by_slug(&self, slug: &Slug) -> Result<Option<Organization>>;

    /// The organization of a dedicated deployment. Fails with `DedicatedMissing` while there is
    /// none.
    async fn dedicated(&self) -> Result<Option<Organization>>;
}

#[async_trait]
impl DirectoryService for Service {
    async fn create_for(&self, owner: UserId, new: NewOrganization) -> Result<MyOrganization> {
        self.create_organization(owner, &Actor::command_line(), new)
            .await
    }

    async fn list(&self, request: &PageRequest) -> Result<Page<Organization>> {
        Ok(store::organizations(&self.db.read_global(), request).await?)
    }

    async fn find(&self, id: OrganizationId) -> Result<Option<Organization>> {
        Ok(store::organization_by_id(&self.db.read_global(), id).await?)
    }

    async fn find_by_slug(&self, slug: &Slug) -> Result<Option<Organization>> {
        Ok(store::organization_by_slug(&self.db.read_global(), slug).await?)
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
