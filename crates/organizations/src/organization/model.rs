//! The public types of organizations.

use schemars::JsonSchema;
use serde::Serialize;
use tenantry_core::{
    access::Role,
    clock::Timestamp,
    id::OrganizationId,
    value::{Name, Slug},
};

use super::quotas::model::OrganizationLimits;

/// How many memberships of a person are shown outside of the list of organizations.
pub const MEMBERSHIPS_SHOWN: usize = 100;

/// An organization, as one of its members sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "OwnOrganization")]
pub struct MyOrganization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name.
    pub name: Name,
    /// Its slug, which names it in headers.
    pub slug: Slug,
    /// The caller's role in it.
    pub role: Role,
    /// When it was created.
    pub created_at: Timestamp,
}

/// A reference to an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OrganizationRef {
    /// Its id.
    pub id: OrganizationId,
    /// Its name.
    pub name: Name,
    /// Its slug.
    pub slug: Slug,
}

impl From<MyOrganization> for OrganizationRef {
    fn from(own: MyOrganization) -> Self {
        Self {
            id: own.id,
            name: own.name,
            slug: own.slug,
        }
    }
}

/// An organization, as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name.
    pub name: Name,
    /// Its slug.
    pub slug: Slug,
    /// Whether it is active; no request acts in a disabled one.
    pub is_active: bool,
    /// Its limits.
    pub limits: OrganizationLimits,
    /// When it was created.
    pub created_at: Timestamp,
    /// Since when it is being deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
}

/// An organization to create.
#[derive(Clone, Debug)]
pub struct NewOrganization {
    /// Its name.
    pub name: Name,
    /// Its slug; derived from the name if absent.
    pub slug: Option<Slug>,
}
