//! Why an invitation can't be accepted.

use askama::Template;
use tenantry_core::access::AccessError;
use tenantry_http::Problem;
use tenantry_organizations::{InvitationError, OrganizationsError};

use crate::{
    frame::Frame,
    html::{Answer, Reply},
};

#[derive(Template)]
#[template(path = "accept/refused.html")]
struct RefusedPage {
    frame: Frame,
    title: &'static str,
    text: &'static str,
}

/// The page of a refusal; other errors stay errors.
pub(super) fn page(frame: Frame, error: OrganizationsError) -> Answer {
    let Some((title, text)) = words(&error) else {
        return Err(error.into());
    };
    let status = Problem::from(error).status();
    Reply::with_status(status, &RefusedPage { frame, title, text })
}

const fn words(error: &OrganizationsError) -> Option<(&'static str, &'static str)> {
    use InvitationError as I;
    use OrganizationsError as O;

    Some(match error {
        O::Invitation(I::NotFound) => (
            "This link leads nowhere",
            "It was replaced by a newer one, or it was not copied completely. Use the newest link, or \
             ask for another one.",
        ),
        O::Invitation(I::Expired) => ("This invitation has expired", "Ask for another one."),
        O::Invitation(I::Revoked) => ("This invitation was withdrawn", "Ask for another one."),
        O::Invitation(I::Declined) => ("This invitation was declined", "Ask for another one."),
        O::Access(AccessError::EmailNotVerified) => (
            "Confirm your e-mail address first",
            "You get a link for it on the page of your account, or follow the link of the invitation's mail.",
        ),
        O::Invitation(I::Used) => (
            "This invitation was used",
            "Sign in, if you accepted it. Else ask for another one.",
        ),
        O::AlreadyMember => (
            "You are a member already",
            "Your role stays as it is. You find the organization among yours.",
        ),
        O::SeatLimitReached => (
            "The organization is full",
            "It has no seat left. Ask the person who invited you; the invitation stays valid until it \
             expires.",
        ),
        O::OrganizationLimitReached(_) => (
            "You own too many organizations",
            "One person can't own more. Transfer or delete one of yours, then open the link again.",
        ),
        _ => return None,
    })
}
