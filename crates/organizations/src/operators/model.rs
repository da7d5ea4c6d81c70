//! The types of the operators' interface.

use schemars::JsonSchema;
use serde::Serialize;
use tenantry_core::{
    access::Role,
    clock::Timestamp,
    id::{MembershipId, OrganizationId, UserId},
    value::{Name, Slug},
};

use crate::{membership::model::NewOwner, organization::quotas::model::MaxCount};

/// Which organizations an operator searches for.
#[derive(Clone, Debug, Default)]
pub struct OrganizationFilter {
    /// Part of the name (case-insensitive) or of the slug.
    pub text: Option<String>,
    /// Only active, or only disabled ones.
    pub is_active: Option<bool>,
}

/// Changes of an organization; absent fields stay.
#[derive(Clone, Copy, Debug, Default)]
pub struct OrganizationChange {
    /// Active or disabled.
    pub is_active: Option<bool>,
    /// Its limits.
    pub limits: LimitsChange,
    /// The member who becomes its owner, if it has no active one.
    pub owner: Option<NewOwner>,
}

/// Changes of the limits; absent fields stay.
#[derive(Clone, Copy, Debug, Default)]
pub struct LimitsChange {
    /// The maximum number of members; `Some(None)` for no limit.
    pub seats: Option<Option<MaxCount>>,
    /// The maximum number of projects; `Some(None)` for no limit.
    pub projects: Option<Option<MaxCount>>,
}

/// Which members an operator searches for.
#[derive(Clone, Copy, Debug, Default)]
pub struct MemberFilter {
    /// Only those with this role.
    pub role: Option<Role>,
    /// Only those of this organization.
    pub organization: Option<OrganizationId>,
}

/// An organization's id, name and slug.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OrganizationName {
    /// Its id.
    pub id: OrganizationId,
    /// Its name.
    pub name: Name,
    /// Its slug.
    pub slug: Slug,
}

/// A member of any organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "KnownMember")]
pub struct MemberDetails {
    /// The membership's id.
    pub id: MembershipId,
    /// The organization.
    pub organization: OrganizationName,
    /// The person's id.
    pub user: UserId,
    /// The person's address.
    pub user_email: String,
    /// The person's name.
    pub user_name: Name,
    /// Whether the account is active; a disabled one can't sign in.
    pub is_active: bool,
    /// The role.
    pub role: Role,
    /// When the person joined.
    pub joined_at: Timestamp,
}

/// The usage of an organization: numbers only, no content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OrganizationActivity {
    /// The organization.
    #[serde(flatten)]
    pub organization: OrganizationName,
    /// Whether it is active.
    pub is_active: bool,
    /// Number of members.
    pub members: u64,
    /// Number of projects.
    pub projects: u64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When one of its projects was last changed.
    pub last_activity: Option<Timestamp>,
}
