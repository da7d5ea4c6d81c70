//! What happens to organizations and their members.

use serde::{Deserialize, Serialize};
use tenantry_core::{
    access::Role,
    event::DomainEvent,
    id::{OrganizationId, UserId},
    value::Name,
};

/// An organization was made; its first owner joined in the same transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationCreated {
    /// The new organization.
    pub organization_id: OrganizationId,
    /// Its name.
    pub name: Name,
    /// Its first owner.
    pub created_by_user_id: UserId,
}

/// An organization got another name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationRenamed {
    /// The organization.
    pub organization_id: OrganizationId,
    /// Its new name.
    pub name: Name,
}

/// A person became a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserJoinedOrganization {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The new member.
    pub user_id: UserId,
    /// The role he joined with.
    pub role: Role,
    /// Who invited him, if somebody did.
    pub invited_by_user_id: Option<UserId>,
}

/// A person is a member no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserLeftOrganization {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The former member.
    pub user_id: UserId,
    /// How it came about.
    pub reason: LeaveReason,
}

/// Why a membership ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaveReason {
    /// He left.
    Left,
    /// He was removed.
    Removed,
    /// The organization was deleted.
    OrgDeleted,
}

/// A member has another role. Who gave it to him is the actor of the envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRoleChanged {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The member.
    pub user_id: UserId,
    /// What he was.
    pub old_role: Role,
    /// What he is.
    pub new_role: Role,
}

/// An owner made another member owner in his place and is admin now. It stands for both changes
/// of role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnershipTransferred {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The former owner.
    pub from_user_id: UserId,
    /// The new one.
    pub to_user_id: UserId,
    /// What the new one was before.
    pub to_user_was: Role,
}

/// Declares events that happen in the organization that they name.
macro_rules! organization_events {
    ($($event:ty = $name:literal;)+) => {
        $(impl DomainEvent for $event {
            const NAME: &'static str = $name;
            const VERSION: u16 = 1;

            fn organization(&self) -> Option<OrganizationId> {
                Some(self.organization_id)
            }
        })+
    };
}

organization_events! {
    OrganizationCreated = "organizations.organization_created";
    OrganizationRenamed = "organizations.organization_renamed";
    UserJoinedOrganization = "organizations.member_joined";
    UserLeftOrganization = "organizations.member_left";
    MemberRoleChanged = "organizations.member_role_changed";
    OwnershipTransferred = "organizations.ownership_transferred";
}

pub(crate) use organization_events;
