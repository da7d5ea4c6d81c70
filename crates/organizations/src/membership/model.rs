//! The public types of members.

use schemars::JsonSchema;
use serde::Serialize;
use tenantry_core::{
    access::Role,
    clock::Timestamp,
    id::{MembershipId, UserId},
    value::Name,
};
use tenantry_users::User;

use crate::entity::member;

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

/// A membership to create.
#[derive(Clone, Copy, Debug)]
pub struct NewMember {
    /// The person.
    pub user: UserId,
    /// The role.
    pub role: Role,
}

/// The invitation of a new member.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Invited {
    pub(crate) by: UserId,
    pub(crate) at: Timestamp,
}

impl Member {
    pub(crate) fn of(row: member::Model, user: User) -> Self {
        Self {
            id: row.id,
            user: user.id,
            user_email: user.email.to_string(),
            user_name: user.name,
            role: row.role,
            invited_by: row.invited_by,
            invited_at: row.invited_at,
            joined_at: row.joined_at,
        }
    }
}
