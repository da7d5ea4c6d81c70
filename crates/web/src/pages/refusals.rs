//! Refusals that a person can do something about, in a sentence.

use tenantry_http::Problem;
use tenantry_organizations::{InvitationError, OrganizationsError};

/// The sentence for a form.
///
/// # Errors
/// The error as it is, where the form can't help.
pub(super) fn sentence(error: OrganizationsError) -> Result<String, Problem> {
    use OrganizationsError as E;

    let fixed = match error {
        E::OrganizationLimitReached(number) => {
            return Ok(format!(
                "This person owns {number} organizations already, as many as one person may own."
            ));
        }
        E::LastOwner => {
            "An organization can't be without an active owner. Make another member an owner first."
        }
        E::OwnerInactive => "The account of this person is disabled; an owner needs an active one.",
        E::TransferToOneself => "You are the owner already. Choose another member.",
        E::AlreadyMember => "This person is a member already.",
        E::SeatLimitReached => {
            "The organization has no seat left. Remove a member, or ask the operator for more seats."
        }
        E::Invitation(InvitationError::IsLink) => "A link can't be sent again. Make a new one.",
        E::Invitation(InvitationError::Used) => "The invitation was accepted already.",
        E::Invitation(InvitationError::Revoked) => "The invitation was revoked. Make a new one.",
        other => return Err(other.into()),
    };
    Ok(fixed.to_owned())
}
