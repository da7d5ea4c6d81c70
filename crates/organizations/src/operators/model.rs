//! What operators see and change.

use schemars::JsonSchema;
use serde::Serialize;
use tenantry_core::{
    access::Role,
    clock::Timestamp,
    id::{MembershipId, OrganizationId, UserId},
    value::{Name, Slug},
};

use crate::MaxCount;

/// Which organizations an operator looks for.
#[derive(Clone, Debug, Default)]
pub struct OrganizationFilter {
    /// Part of the name, in any case, or of the slug.
    pub text: Option<String>,
    /// The open ones, or the disabled ones.
    pub is_active: Option<bool>,
}

/// What to change of an organization; what is absent stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct OrganizationChange {
    /// Open or disabled.
    pub is_active: Option<bool>,
    /// How much it may have.
    pub limits: LimitsChange,
}

/// What to change of the limits; what is absent stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct LimitsChange {
    /// The most members, or none.
    pub seats: Option<Option<MaxCount>>,
    /// The most projects, or none.
    pub projects: Option<Option<MaxCount>>,
}

/// Which members an operator looks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct MemberFilter {
    /// Those with this role.
    pub role: Option<Role>,
    /// Those of this organization.
    pub organization: Option<OrganizationId>,
}

/// What an organization goes by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OrganizationName {
    /// Its id.
    pub id: OrganizationId,
    /// Its name.
    pub name: Name,
    /// Its slug.
    pub slug: Slug,
}

/// A member of some organization.
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
    /// The role.
    pub role: Role,
    /// When the person joined.
    pub joined_at: Timestamp,
}

/// How much an organization is used: numbers, and nothing of what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OrganizationActivity {
    /// The organization.
    #[serde(flatten)]
    pub organization: OrganizationName,
    /// Whether it is open.
    pub is_active: bool,
    /// How many members it has.
    pub members: u64,
    /// How many projects it has.
    pub projects: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When one of its projects was last changed.
    pub last_activity: Option<Timestamp>,
}
