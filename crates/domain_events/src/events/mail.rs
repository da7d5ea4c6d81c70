//! Mails that are to be sent.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tenantry_core::{
    access::Role,
    event::{DomainEvent, EventInfo, EventKind},
    id::{InvitationId, LinkId, MailId, OrganizationId, UserId},
};

/// A mail is to be sent. It names what the mail is about and holds no text, no address and no secret
/// of it: the mail is written when it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MailDue {
    /// The mail, whose `Message-ID` is made of it: a mail that is sent twice has the same one.
    pub mail_id: MailId,
    /// What it is about.
    pub content: MailContent,
}

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MailContent {
    /// A link for the owner of an address, who may have no account.
    AccountLink {
        /// The link.
        link_id: LinkId,
        /// Which of its secrets; of an older one no mail is sent.
        generation: i64,
    },
    /// Something changed in an account.
    AccountNotice {
        /// The account.
        user_id: UserId,
        /// What changed.
        notice: AccountNotice,
    },
    /// An invitation to an address.
    Invitation {
        /// The organization.
        organization_id: OrganizationId,
        /// The invitation.
        invitation_id: InvitationId,
    },
    /// Something changed in a membership.
    MembershipNotice {
        /// The organization.
        organization_id: OrganizationId,
        /// The member, or former member.
        user_id: UserId,
        /// The new role; `None` after a removal.
        role: Option<Role>,
    },
}

/// What changed in an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountNotice {
    /// The password, with the current one.
    PasswordChanged,
    /// The password, with a link or by an operator.
    PasswordReset,
    /// Another address was asked for. For the old one.
    EmailChangeRequested,
    /// The address. For the old one.
    EmailChanged,
    /// There is another second factor.
    SecondFactorAdded,
    /// There is one second factor less.
    SecondFactorRemoved,
    /// An operator took the second factors away.
    SecondFactorsReset,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// There are new recovery codes.
    RecoveryCodesRenewed,
}

impl DomainEvent for MailDue {
    const NAME: &'static str = "mail.mail_due";
    const VERSION: u16 = 1;
    const KIND: EventKind = EventKind::Access;

    type Stream = MailId;

    fn stream(&self) -> MailId {
        self.mail_id
    }
}

/// These events, as values.
pub const EVENTS: &[EventInfo] = &[EventInfo::of::<MailDue>()];
