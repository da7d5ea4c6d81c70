//! The errors of invitations.

use tenantry_core::error::{DomainError, ErrorKind};

use super::model::InvitationStatus;

/// Why an invitation can't be used, or not be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvitationError {
    /// There is no invitation with this id or secret; a replaced secret is unknown too.
    #[error("no such invitation")]
    NotFound,
    /// The invitation has expired.
    #[error("the invitation has expired; ask for a new one")]
    Expired,
    /// The invitation was revoked or replaced, or its inviter lost the permission to send it.
    #[error("the invitation was withdrawn; ask for a new one")]
    Revoked,
    /// The owner of the address declined the invitation.
    #[error("the invitation was declined; ask for a new one")]
    Declined,
    /// The invitation was accepted the maximum number of times.
    #[error("the invitation was used already")]
    Used,
    /// The invitation is for another address.
    #[error("the invitation is for another e-mail address")]
    EmailMismatch,
    /// A link has no recipient and can't be resent.
    #[error("a link can't be sent again; make a new one")]
    IsLink,
}

impl InvitationError {
    /// The errors of redeeming a secret.
    pub(crate) const REDEEM_ERRORS: [Self; 6] = [
        Self::NotFound,
        Self::Expired,
        Self::Revoked,
        Self::Declined,
        Self::Used,
        Self::EmailMismatch,
    ];

    /// The errors of accepting or declining without the secret.
    pub(crate) const ANSWER_ERRORS: [Self; 5] = [
        Self::NotFound,
        Self::Expired,
        Self::Revoked,
        Self::Declined,
        Self::Used,
    ];

    /// The error of using an invitation with this status, if any.
    pub(super) const fn of(status: InvitationStatus) -> Option<Self> {
        match status {
            InvitationStatus::Pending | InvitationStatus::Blocked => None,
            InvitationStatus::Accepted => Some(Self::Used),
            InvitationStatus::Revoked => Some(Self::Revoked),
            InvitationStatus::Declined => Some(Self::Declined),
            InvitationStatus::Expired => Some(Self::Expired),
        }
    }
}

impl DomainError for InvitationError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::Expired | Self::Revoked | Self::Declined | Self::Used => ErrorKind::Gone,
            Self::EmailMismatch => ErrorKind::Forbidden,
            Self::IsLink => ErrorKind::Conflict,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "invitation_not_found",
            Self::Expired => "invitation_expired",
            Self::Revoked => "invitation_revoked",
            Self::Declined => "invitation_declined",
            Self::Used => "invitation_used",
            Self::EmailMismatch => "invitation_email_mismatch",
            Self::IsLink => "invitation_is_link",
        }
    }
}
