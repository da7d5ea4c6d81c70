//! Where an invitation's link leads.
//!
//! The secret is in the link's fragment, which browsers send to no server. From there it travels in the
//! bodies of forms only: it is never part of an address, so it is in no log, history or `Referer`.

mod answer;
mod code;
mod login;
mod pasted;
mod preview;
mod refused;
mod signup;
mod start;

use serde_json::json;
use tenantry_core::event::DomainEvent as _;
use tenantry_domain_events::events::{
    organizations::{InvitationAccepted, UserJoinedOrganization},
    users::{UserRegistered, UserSignedIn},
};
use tenantry_http::{Access, Routes};

pub(super) fn routes() -> Routes {
    Routes::new()
        .page("/invitations/accept", Access::visitor(), start::show)
        .form("/invitations/accept", Access::visitor(), answer::accept)
        .sample(|values| json!({"token": values.ids[0]}))
        .records(&[UserJoinedOrganization::NAME, InvitationAccepted::NAME])
        .form(
            "/invitations/accept/preview",
            Access::visitor(),
            preview::show,
        )
        .sample(|values| json!({"token": values.ids[0]}))
        .records(&[])
        .form("/invitations/accept/login", Access::anyone(), login::log_in)
        .sample(|values| {
            json!({"token": values.ids[0], "email": values.email, "password": values.password})
        })
        .records(&[UserSignedIn::NAME])
        .form("/invitations/accept/code", Access::anyone(), code::complete)
        .sample(|values| json!({"token": values.ids[0], "code": values.code}))
        .records(&[UserSignedIn::NAME])
        .form(
            "/invitations/accept/signup",
            Access::anyone(),
            signup::sign_up,
        )
        .sample(|values| {
            let email = format!("new-invited-{}@example.com", values.number);
            json!({
                "token": values.ids[0], "name": "New person", "new_email": email,
                "new_password": values.password,
            })
        })
        .records(&[
            UserRegistered::NAME,
            UserJoinedOrganization::NAME,
            InvitationAccepted::NAME,
        ])
}
