//! The states of invitations, in words.

use tenantry_organizations::{BlockReason, Invitation, InvitationStatus};

/// A status with its word for people.
pub(super) const STATUSES: [(InvitationStatus, &str); 6] = [
    (InvitationStatus::Pending, "Waiting"),
    (InvitationStatus::Blocked, "Blocked"),
    (InvitationStatus::Accepted, "Accepted"),
    (InvitationStatus::Declined, "Declined"),
    (InvitationStatus::Revoked, "Revoked"),
    (InvitationStatus::Expired, "Expired"),
];

pub(super) fn status_word(status: &InvitationStatus) -> &'static str {
    let mut statuses = STATUSES.iter();
    let found = statuses.find(|(known, _)| known == status);
    found.map_or("", |(_, word)| word)
}

pub(super) const fn reason_sentence(reason: &BlockReason) -> &'static str {
    match reason {
        BlockReason::AlreadyMember => "The person joined another way.",
        BlockReason::InviterMayNotGrant => "The sender may not give this role any more.",
        BlockReason::NoSeatLeft => "The organization has no seat left.",
    }
}

/// Whether the invitation can still be revoked, and one with an address be sent again.
pub(super) fn is_open(invitation: &Invitation) -> bool {
    !matches!(
        invitation.status,
        InvitationStatus::Accepted | InvitationStatus::Declined | InvitationStatus::Revoked
    )
}
