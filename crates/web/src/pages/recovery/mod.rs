//! The pages of mailed links: a forgotten password, and the confirmation of an address.
//!
//! As with an invitation, the secret is in the link's fragment and travels in the bodies of forms only.

mod forgot;
mod pasted;
mod reset;
mod verify;

use serde_json::json;
use tenantry_core::event::DomainEvent as _;
use tenantry_domain_events::events::users::{EmailVerified, PasswordReset};
use tenantry_http::{Access, Routes};

pub(super) fn routes() -> Routes {
    Routes::new()
        .page("/forgot", Access::anyone(), forgot::show)
        .form("/forgot", Access::anyone(), forgot::ask)
        .sample(|values| json!({"email": values.email}))
        .records(&[])
        .page("/reset", Access::anyone(), reset::show)
        .form("/reset", Access::anyone(), reset::set)
        .sample(|values| json!({"token": values.ids[0], "new_password": values.password}))
        .records(&[PasswordReset::NAME, EmailVerified::NAME])
        .page("/verify", Access::anyone(), verify::show)
        .form("/verify", Access::anyone(), verify::confirm)
        .sample(|values| json!({"token": values.ids[0]}))
        .records(&[EmailVerified::NAME])
}
