//! The pages of a person's account.

mod activity;
mod confirm;
mod email;
mod factors;
#[cfg(feature = "passkeys")]
mod passkeys;
mod profile;
mod security;
mod sessions;
mod tabs;
mod tokens;

use serde_json::json;
use tenantry_core::event::DomainEvent as _;
use tenantry_domain_events::events::{
    organizations::{TokenCreated, TokenRevoked},
    users::{EmailChangeRequested, PasswordChanged, SessionEnded, UserRenamed},
};
use tenantry_http::{Access, Routes};

pub(super) fn routes() -> Routes {
    const SESSION: Access = Access::user().session_only().or_unverified();
    // A token is for an organization.
    const VERIFIED: Access = Access::user().session_only();

    Routes::new()
        .page("/account", SESSION, profile::show)
        .form("/account", SESSION, profile::rename)
        .sample(|values| json!({"name": values.another_text()}))
        .records(&[UserRenamed::NAME])
        .page("/account/email", SESSION, email::show)
        .form("/account/email", SESSION, email::change)
        .sample(|values| {
            let email = format!("moved-page-{}@example.com", values.number);
            json!({"email": email, "current_password": values.password})
        })
        .records(&[EmailChangeRequested::NAME])
        .form("/account/email/verification", SESSION, email::verify)
        .records(&[])
        .page("/account/security", SESSION, security::show)
        .form("/account/security", SESSION, security::change_password)
        .sample(
            |values| json!({"current_password": values.password, "new_password": values.password}),
        )
        .records(&[PasswordChanged::NAME])
        .page("/account/sessions", SESSION, sessions::show)
        .page("/account/sessions/{id}/end", SESSION, sessions::confirm_end)
        .form("/account/sessions/{id}/end", SESSION, sessions::end)
        .records(&[SessionEnded::NAME])
        .page("/account/tokens", VERIFIED, tokens::show)
        .form("/account/tokens", VERIFIED, tokens::create)
        .sample(|values| json!({"name": values.text, "organization": values.ids[0]}))
        .records(&[TokenCreated::NAME])
        .page(
            "/account/tokens/{id}/revoke",
            VERIFIED,
            tokens::confirm_revocation,
        )
        .form("/account/tokens/{id}/revoke", VERIFIED, tokens::revoke)
        .records(&[TokenRevoked::NAME])
        .page("/account/activity", SESSION, activity::show)
        .merge(factors::routes())
        .merge(passkeys())
}

/// The pages of passkeys, if there are any.
fn passkeys() -> Routes {
    #[cfg(feature = "passkeys")]
    return passkeys::routes();
    #[cfg(not(feature = "passkeys"))]
    Routes::new()
}
