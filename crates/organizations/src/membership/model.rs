//! The public types of members.

use schemars::JsonSchema;
use serde::Serialize;
use tenantry_core::{
    access::{Role, TenantContext},
    clock::Timestamp,
    id::{MembershipId, UserId},
    value::{Name, Slug},
};
use tenantry_users::User;

use crate::{
    entity::{member, member_profile},
    permissions::ManageMembers,
};

/// A member, with the data of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Member {
    /// The membership's id.
    pub id: MembershipId,
    /// The person's id.
    pub user: UserId,
    /// The person's address.
    pub user_email: String,
    /// Whether the person confirmed the address.
    pub user_email_verified: bool,
    /// Whether the person has a second factor; for owners, and `null` for other members.
    pub user_has_second_factor: Option<bool>,
    /// The person's name.
    pub user_name: Name,
    /// Whether the account is active; a disabled one can't sign in.
    pub is_active: bool,
    /// The role in this organization.
    pub role: Role,
    /// The user who invited the person, if any.
    pub invited_by: Option<UserId>,
    /// That user's name.
    pub invited_by_name: Option<Name>,
    /// When the person was invited.
    pub invited_at: Option<Timestamp>,
    /// When the person joined.
    pub joined_at: Timestamp,
}

/// Which members of an organization to list.
#[derive(Clone, Debug, Default)]
pub struct MembersFilter {
    /// Part of the name or of the address, in any case.
    pub text: Option<String>,
    /// Only those with this role.
    pub role: Option<Role>,
    /// Only those with an active account, or with a disabled one.
    pub is_active: Option<bool>,
}

/// A membership to create.
#[derive(Clone, Copy, Debug)]
pub struct NewMember {
    /// The person.
    pub user: UserId,
    /// The role.
    pub role: Role,
}

/// The member who becomes the owner of an organization without one.
#[derive(Clone, Copy, Debug)]
pub enum NewOwner {
    /// By membership.
    Member(MembershipId),
    /// By account.
    User(UserId),
}

/// Whether a user is disabled who is the only active owner of an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Force {
    /// The user stays.
    No,
    /// The user is disabled, and the organization is left without an active owner.
    Yes,
}

/// A user who was disabled.
#[derive(Clone, Debug)]
pub struct DisabledUser {
    /// The account.
    pub user: User,
    /// The organizations that are left without an active owner.
    pub without_owner: Vec<Slug>,
}

/// The invitation of a new member.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Invited {
    pub(crate) by: UserId,
    pub(crate) at: Timestamp,
}

impl Member {
    /// Whether the context's member may change this one's role and end the membership.
    #[must_use]
    pub fn is_manageable_by(&self, ctx: &TenantContext) -> bool {
        ctx.require::<ManageMembers>().is_ok() && ctx.role().is_at_least(self.role)
    }

    /// Without what a member of this role does not see.
    pub(crate) fn for_reader(self, role: Role) -> Self {
        let has_second_factor = self.user_has_second_factor;
        Self {
            user_has_second_factor: has_second_factor.filter(|_| role == Role::Owner),
            ..self
        }
    }

    pub(crate) fn of(row: member::Model, user: User, invited_by_name: Option<Name>) -> Self {
        Self {
            id: row.id,
            user: user.id,
            user_email: user.email.to_string(),
            user_email_verified: user.email_verified,
            user_has_second_factor: Some(user.has_second_factor),
            user_name: user.name,
            is_active: user.is_active,
            role: row.role,
            invited_by: row.invited_by,
            invited_by_name,
            invited_at: row.invited_at,
            joined_at: row.joined_at,
        }
    }

    pub(crate) fn of_profile(row: member_profile::Model, invited_by_name: Option<Name>) -> Self {
        Self {
            id: row.id,
            user: row.user_id,
            user_email: row.email.to_string(),
            user_email_verified: row.email_verified,
            user_has_second_factor: Some(row.has_second_factor),
            user_name: row.name,
            is_active: row.is_active,
            role: row.role,
            invited_by: row.invited_by,
            invited_by_name,
            invited_at: row.invited_at,
            joined_at: row.joined_at,
        }
    }
}
