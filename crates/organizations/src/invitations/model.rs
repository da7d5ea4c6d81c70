//! What invitations are to the rest of the world.

use std::fmt;

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::Serialize;
use tenantry_core::{
    access::Role,
    clock::Timestamp,
    id::{InvitationId, MembershipId, UserId},
    value::{InvalidText, Name},
};
use tenantry_users::Email;

use crate::OrganizationRef;

/// Declares a whole number with bounds and a usual value.
macro_rules! bounded {
    ($(#[$meta:meta])* $name:ident: $from:literal to $to:literal, usually $usual:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name(u16);

        tenantry_core::value_schema!(inline $name, {
            "type": "integer", "minimum": $from, "maximum": $to, "default": $usual
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
                Self($usual)
            }
        }
    };
}

bounded!(
    /// For how many days an invitation can be accepted: 1 to 30, usually 7.
    ExpiresInDays: 1 to 30, usually 7
);
bounded!(
    /// How many people can join by one link: 1 to 1000, usually 10.
    MaxUses: 1 to 1000, usually 10
);

impl ExpiresInDays {
    pub(super) fn after(self, now: Timestamp) -> Timestamp {
        now + TimeDelta::days(self.0.into())
    }
}

/// An invitation to be sent.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    pub(super) email: Option<Email>,
    pub(super) role: Role,
    pub(super) max_uses: u16,
    pub(super) expires_in: ExpiresInDays,
}

impl NewInvitation {
    /// For whoever has that address, and for nobody else.
    #[must_use]
    pub fn addressed(email: Email, role: Role) -> Self {
        Self {
            email: Some(email),
            role,
            max_uses: 1,
            expires_in: ExpiresInDays::default(),
        }
    }

    /// A link for whoever gets hold of it, so for no role that manages anything.
    ///
    /// # Errors
    /// When the role is higher than member.
    pub fn link(role: Role, max_uses: MaxUses) -> Result<Self, InvalidText> {
        if !Role::Member.is_at_least(role) {
            return Err(InvalidText("must be member or viewer without an address"));
        }
        Ok(Self {
            email: None,
            role,
            max_uses: max_uses.0,
            expires_in: ExpiresInDays::default(),
        })
    }

    /// The same, to be accepted within another time.
    #[must_use]
    pub const fn expiring_in(mut self, days: ExpiresInDays) -> Self {
        self.expires_in = days;
        self
    }
}

/// What became of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvitationStatus {
    /// It can be accepted.
    Pending,
    /// It was accepted, as often as it could be.
    Accepted,
    /// It was withdrawn, or replaced by another one.
    Revoked,
    /// Its time is over.
    Expired,
}

/// The moments that decide what became of an invitation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Life {
    pub(super) revoked_at: Option<Timestamp>,
    pub(super) accepted_at: Option<Timestamp>,
    pub(super) expires_at: Timestamp,
}

impl Life {
    pub(super) fn status(self, now: Timestamp) -> InvitationStatus {
        if self.revoked_at.is_some() {
            InvitationStatus::Revoked
        } else if self.accepted_at.is_some() {
            InvitationStatus::Accepted
        } else if self.expires_at <= now {
            InvitationStatus::Expired
        } else {
            InvitationStatus::Pending
        }
    }
}

/// An invitation, as those who may invite see it. Its secret is nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Whom it is for; nothing for a link.
    pub email: Option<Email>,
    /// What whoever accepts it becomes.
    pub role: Role,
    /// What became of it.
    pub status: InvitationStatus,
    /// Who sent it last.
    pub invited_by: UserId,
    /// How many people can join by it.
    pub max_uses: i32,
    /// How many did.
    pub uses: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was sent last.
    pub sent_at: Timestamp,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
}

/// An invitation, and the link that accepts it: shown once, to the person who sent it.
#[derive(Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SentInvitation {
    /// The invitation.
    #[serde(flatten)]
    pub invitation: Invitation,
    /// The link, with the secret.
    pub accept_url: String,
}

/// Without the link: it holds the secret.
impl fmt::Debug for SentInvitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SentInvitation")
            .field(&self.invitation)
            .finish()
    }
}

/// What the secret of an invitation tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct InvitationPreview {
    /// The organization's name.
    pub organization_name: Name,
    /// What whoever accepts becomes.
    pub role: Role,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
}

/// A person's new place in an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Membership {
    /// Its id.
    pub id: MembershipId,
    /// The organization.
    pub organization: OrganizationRef,
    /// The person.
    pub user: UserId,
    /// What he is there.
    pub role: Role,
    /// Who invited him.
    pub invited_by: Option<UserId>,
    /// When.
    pub invited_at: Option<Timestamp>,
    /// When he joined.
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
    fn a_link_is_for_members_and_viewers_alone() {
        let allowed = Role::ALL.map(|role| NewInvitation::link(role, MaxUses::default()).is_ok());
        assert_eq!(allowed, [true, true, false, false]);
    }
}
