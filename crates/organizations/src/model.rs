//! The public types of organizations and members, and the module's permissions.

use schemars::JsonSchema;
use serde::Serialize;
use tenantry_core::{
    access::{Permission as _, PermissionInfo, Role},
    clock::Timestamp,
    id::{MembershipId, OrganizationId, UserId},
    permission,
    value::{Name, Slug},
};

use crate::OrganizationLimits;

permission!(
    /// See the organization and its members.
    ViewOrganization = "organizations.view", Viewer
);
permission!(
    /// Change the organization itself.
    ManageOrganization = "organizations.manage", Admin
);

permission!(
    /// Invite people, and see and revoke invitations.
    InviteMembers = "organizations.invite_members", Admin
);
permission!(
    /// Change the roles of members, and remove members.
    ManageMembers = "organizations.manage_members", Admin
);
permission!(
    /// See the organization's usage and limits.
    ViewBilling = "organizations.view_billing", Admin
);
permission!(
    /// Transfer the organization to another member.
    TransferOrganization = "organizations.transfer", Owner
);
permission!(
    /// Delete the organization.
    DeleteOrganization = "organizations.delete", Owner
);

/// Every permission of this module.
pub const PERMISSIONS: &[PermissionInfo] = &[
    ViewOrganization::INFO,
    ManageOrganization::INFO,
    InviteMembers::INFO,
    ManageMembers::INFO,
    ViewBilling::INFO,
    TransferOrganization::INFO,
    DeleteOrganization::INFO,
];

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

/// A member, with the data of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Member {
    /// The membership's id.
    pub id: MembershipId,
    /// The person's id.
    pub user: UserId,
    /// The person's address.
    pub user_email: String,
    /// The person's name.
    pub user_name: Name,
    /// The role in this organization.
    pub role: Role,
    /// The user who invited the person, if any.
    pub invited_by: Option<UserId>,
    /// When the person was invited.
    pub invited_at: Option<Timestamp>,
    /// When the person joined.
    pub joined_at: Timestamp,
}

/// An organization to create.
#[derive(Clone, Debug)]
pub struct NewOrganization {
    /// Its name.
    pub name: Name,
    /// Its slug; derived from the name if absent.
    pub slug: Option<Slug>,
}

/// A membership to create.
#[derive(Clone, Copy, Debug)]
pub struct NewMember {
    /// The person.
    pub user: UserId,
    /// The role.
    pub role: Role,
}
