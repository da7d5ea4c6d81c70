//! The types of the operators' interface.

use schemars::JsonSchema;
use serde::Serialize;
use tenantry_core::{
    access::{Role, TenantContext},
    clock::Timestamp,
    id::{MembershipId, OrganizationId, UserId},
    value::{Name, Reason, Slug},
};
use tenantry_users::User;

use crate::{
    membership::model::NewOwner,
    organization::{model::Organization, quotas::model::MaxCount},
};

/// Which organizations an operator searches for.
#[derive(Clone, Debug, Default)]
pub struct OrganizationFilter {
    /// Part of the name (case-insensitive) or of the slug.
    pub text: Option<String>,
    /// Only active, or only disabled ones.
    pub is_active: Option<bool>,
}

/// An organization, with what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OrganizationDetails {
    /// The organization.
    #[serde(flatten)]
    pub organization: Organization,
    /// Number of members.
    pub members: u64,
    /// Number of projects.
    pub projects: u64,
}

/// An account, as operators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AccountDetails {
    /// The account.
    #[serde(flatten)]
    pub user: User,
    /// When one of its sessions was last used; `null` if it has none.
    pub last_seen_at: Option<Timestamp>,
}

/// Changes of an organization; absent fields stay.
#[derive(Clone, Debug, Default)]
pub struct OrganizationChange {
    /// Active or disabled.
    pub state: Option<OrganizationState>,
    /// Its limits.
    pub limits: LimitsChange,
    /// The member who becomes its owner, if it has no active one.
    pub owner: Option<NewOwner>,
}

/// Whether people can work in an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrganizationState {
    /// They can.
    Active,
    /// They can't.
    Disabled {
        /// Why, for the organization's audit log.
        reason: Option<Reason>,
    },
}

impl OrganizationState {
    /// Whether people can work in it.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self, Self::Active)
    }
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
#[derive(Clone, Debug, Default)]
pub struct MemberFilter {
    /// Part of the person's name or address.
    pub person: Option<String>,
    /// Only those with this role.
    pub role: Option<Role>,
    /// Only those of this organization.
    pub organization: Option<OrganizationId>,
    /// Part of the organization's name or slug.
    pub organization_text: Option<String>,
}

/// The column that the report is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportColumn {
    /// The name, in the order of people.
    Name,
    /// The slug.
    Slug,
    /// Active ones first.
    State,
    /// The number of members.
    Members,
    /// The number of projects.
    Projects,
    /// When it was created.
    Created,
    /// When one of its projects was last changed; those without one come first.
    LastActivity,
}

/// An order of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportOrder {
    /// The column.
    pub column: ReportColumn,
    /// Whether the largest comes first.
    pub is_descending: bool,
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

/// An organization that an operator looks into.
#[derive(Clone, Debug)]
pub struct OrganizationView {
    /// The organization.
    pub organization: OrganizationName,
    /// A viewer's context in it.
    pub context: TenantContext,
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
