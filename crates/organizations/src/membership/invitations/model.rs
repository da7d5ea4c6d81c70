//! The public types of invitations.

use std::{fmt, str::FromStr};

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::Serialize;
use tenantry_core::{
    access::Role,
    clock::Timestamp,
    id::{InvitationId, MembershipId, UserId},
    text_field,
    value::{InvalidText, Name},
};
use tenantry_users::Email;

use crate::organization::model::OrganizationRef;

/// Declares a whole number with bounds and a default.
macro_rules! bounded {
    ($(#[$meta:meta])* $name:ident: $from:literal to $to:literal, default $default:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name(u16);

        tenantry_core::value_schema!(inline $name, {
            "type": "integer", "minimum": $from, "maximum": $to, "default": $default
        });

        impl $name {
            const RULE: &str = concat!("must be a whole number from ", $from, " to ", $to);
        }

        impl TryFrom<u32> for $name {
            type Error = InvalidText;

            fn try_from(number: u32) -> Result<Self, InvalidText> {
                let number = u16::try_from(number).ok();
                let number = number.filter(|number| ($from..=$to).contains(number));
                number.map(Self).ok_or(InvalidText(Self::RULE))
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self($default)
            }
        }
    };
}

bounded!(
    /// The lifetime of an invitation in days: 1 to 30, by default 7.
    ExpiresInDays: 1 to 30, default 7
);
bounded!(
    /// How many people can join with one link: 1 to 1000, by default 10.
    MaxUses: 1 to 1000, default 10
);

impl ExpiresInDays {
    pub(super) fn after(self, now: Timestamp) -> Timestamp {
        now + TimeDelta::days(self.0.into())
    }
}

/// An invitation to send.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    pub(super) email: Option<Email>,
    pub(super) role: Role,
    pub(super) max_uses: u16,
    pub(super) expires_in: ExpiresInDays,
}

impl NewInvitation {
    /// For the person with that address only.
    #[must_use]
    pub fn addressed(email: Email, role: Role) -> Self {
        Self {
            email: Some(email),
            role,
            max_uses: 1,
            expires_in: ExpiresInDays::default(),
        }
    }

    /// The roles of a link: anyone who has it can accept, so it grants no managing role.
    pub const LINK_ROLES: [Role; 2] = [Role::Viewer, Role::Member];

    /// A link, which anyone who has it can accept.
    ///
    /// # Errors
    /// If the role is none of [`LINK_ROLES`](Self::LINK_ROLES).
    pub fn link(role: Role, max_uses: MaxUses) -> Result<Self, InvalidText> {
        if !Self::LINK_ROLES.contains(&role) {
            return Err(InvalidText("must be member or viewer without an address"));
        }
        Ok(Self {
            email: None,
            role,
            max_uses: max_uses.0,
            expires_in: ExpiresInDays::default(),
        })
    }

    /// The same with another lifetime.
    #[must_use]
    pub const fn expiring_in(mut self, days: ExpiresInDays) -> Self {
        self.expires_in = days;
        self
    }
}

/// The status of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvitationStatus {
    /// It can be accepted by a person who was not removed since it was sent.
    Pending,
    /// It was accepted the maximum number of times.
    Accepted,
    /// It was revoked, or replaced by another one.
    Revoked,
    /// The owner of the address declined it.
    Declined,
    /// It has expired.
    Expired,
    /// It is neither used, revoked, declined nor expired, and can't be accepted for a reason that may pass.
    Blocked,
}

impl InvitationStatus {
    const ALL: [Self; 6] = [
        Self::Pending,
        Self::Accepted,
        Self::Revoked,
        Self::Declined,
        Self::Expired,
        Self::Blocked,
    ];

    /// Its name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Revoked => "revoked",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Blocked => "blocked",
        }
    }
}

impl FromStr for InvitationStatus {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let found = Self::ALL.into_iter().find(|status| status.as_str() == text);
        found.ok_or(InvalidText(
            "must be one of pending, accepted, revoked, declined, expired, blocked",
        ))
    }
}

text_field!(InvitationStatus);

/// Why a blocked invitation can't be accepted now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlockReason {
    /// The person joined another way.
    AlreadyMember,
    /// Its inviter may not grant the role any more.
    InviterMayNotGrant,
    /// The organization has no seat left.
    NoSeatLeft,
}

/// The times that decide an invitation's status.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lifecycle {
    pub(super) revoked_at: Option<Timestamp>,
    pub(super) declined_at: Option<Timestamp>,
    pub(super) accepted_at: Option<Timestamp>,
    pub(super) expires_at: Timestamp,
}

impl Lifecycle {
    pub(super) fn status(self, now: Timestamp) -> InvitationStatus {
        if self.revoked_at.is_some() {
            InvitationStatus::Revoked
        } else if self.declined_at.is_some() {
            InvitationStatus::Declined
        } else if self.accepted_at.is_some() {
            InvitationStatus::Accepted
        } else if self.expires_at <= now {
            InvitationStatus::Expired
        } else {
            InvitationStatus::Pending
        }
    }
}

/// An invitation without its secret, for callers who may invite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The recipient's address; `null` for a link.
    pub email: Option<Email>,
    /// The role of the new member.
    pub role: Role,
    /// Its status.
    pub status: InvitationStatus,
    /// Why it is blocked, if it is.
    pub reason: Option<BlockReason>,
    /// The user who sent it last.
    pub invited_by: UserId,
    /// How many people can join with it.
    pub max_uses: i32,
    /// How many did.
    pub uses: i32,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was sent last.
    pub sent_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
}

/// An invitation and the link that accepts it, which is shown once, to the inviter.
#[derive(Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SentInvitation {
    /// The invitation.
    #[serde(flatten)]
    pub invitation: Invitation,
    /// The link, with the secret.
    pub accept_url: String,
    /// Whether it is mailed to its address, with another secret.
    pub mailed: bool,
}

/// A pending invitation as the owner of its address sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReceivedInvitation {
    /// Its id.
    pub id: InvitationId,
    /// The organization.
    pub organization: OrganizationRef,
    /// The role of the new member.
    pub role: Role,
    /// The name of the user who sent it last.
    pub invited_by_name: Option<Name>,
    /// When it expires.
    pub expires_at: Timestamp,
}

/// An invitation to mail.
#[derive(Clone, Debug)]
pub struct InvitationToMail {
    /// Where it is mailed to.
    pub email: Email,
    /// The organization's name.
    pub organization: Name,
    /// The name of the user who sent it last.
    pub inviter: Name,
    /// The role of the new member.
    pub role: Role,
    /// The link, with the secret that is only mailed.
    pub accept_url: String,
    /// When it expires.
    pub expires_at: Timestamp,
}

/// Without the link, which contains the secret.
impl fmt::Debug for SentInvitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SentInvitation")
            .field(&self.invitation)
            .finish()
    }
}

/// What an invitation offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct InvitationPreview {
    /// The organization's name.
    pub organization_name: Name,
    /// The role of the new member.
    pub role: Role,
    /// When it expires.
    pub expires_at: Timestamp,
}

/// A new membership.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Membership {
    /// Its id.
    pub id: MembershipId,
    /// The organization.
    pub organization: OrganizationRef,
    /// The user.
    pub user: UserId,
    /// The role.
    pub role: Role,
    /// The inviter.
    pub invited_by: Option<UserId>,
    /// When the invitation was sent.
    pub invited_at: Option<Timestamp>,
    /// When the user joined.
    pub joined_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_bounds() {
        for (good, bad) in [(1, 0), (30, 31)] {
            assert!(ExpiresInDays::try_from(good).is_ok());
            assert!(ExpiresInDays::try_from(bad).is_err());
        }
        for (good, bad) in [(1, 0), (1000, 1001), (10, 65_536 + 10)] {
            assert!(MaxUses::try_from(good).is_ok());
            assert!(MaxUses::try_from(bad).is_err());
        }
    }

    #[test]
    fn a_link_is_for_members_and_viewers_only() {
        let allowed = Role::ALL.map(|role| NewInvitation::link(role, MaxUses::default()).is_ok());
        assert_eq!(allowed, [true, true, false, false]);
    }
}
