//! What can be wrong with an invitation.

use tenantry_core::error::{DomainError, ErrorKind};

use super::InvitationStatus;

/// Why an invitation can't be used, or not be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvitationError {
    /// No invitation of this id or with this secret. A secret that was replaced is unknown too.
    #[error("no such invitation")]
    NotFound,
    /// Its time is over.
    #[error("the invitation has expired; ask for a new one")]
    Expired,
    /// It was withdrawn or replaced, or who sent it may not invite so any more.
    #[error("the invitation was withdrawn; ask for a new one")]
    Revoked,
    /// It was accepted, as often as it could be.
    #[error("the invitation was used already")]
    Used,
    /// It is for another address than the account's.
    #[error("the invitation is for another e-mail address")]
    EmailMismatch,
    /// A link is sent to nobody, so it can't be sent again.
    #[error("a link can't be sent again; make a new one")]
    IsLink,
}

impl InvitationError {
    /// What can be in the way of whoever comes with a secret.
    pub(crate) const IN_THE_WAY: [Self; 5] = [
        Self::NotFound,
        Self::Expired,
        Self::Revoked,
        Self::Used,
        Self::EmailMismatch,
    ];

    /// What is in the way of using an invitation in that state, if something is.
    pub(super) const fn of(status: InvitationStatus) -> Option<Self> {
        match status {
            InvitationStatus::Pending => None,
            InvitationStatus::Accepted => Some(Self::Used),
            InvitationStatus::Revoked => Some(Self::Revoked),
            InvitationStatus::Expired => Some(Self::Expired),
        }
    }
}

impl DomainError for InvitationError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::Expired | Self::Revoked | Self::Used => ErrorKind::Gone,
            Self::EmailMismatch => ErrorKind::Forbidden,
            Self::IsLink => ErrorKind::Conflict,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "invitation_not_found",
            Self::Expired => "invitation_expired",
            Self::Revoked => "invitation_revoked",
            Self::Used => "invitation_used",
            Self::EmailMismatch => "invitation_email_mismatch",
            Self::IsLink => "invitation_is_link",
        }
    }
}
