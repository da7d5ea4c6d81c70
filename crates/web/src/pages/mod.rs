//! The pages, by what they are about.

mod accept;
mod account;
mod admin;
mod audit_log;
mod billing;
mod event_words;
mod invitations;
mod login;
mod login_code;
mod members;
mod number;
mod organization;
mod organizations;
mod password_rule;
mod projects;
mod received;
mod recovery;
mod refusals;
mod role_words;
mod second_step;
mod settings;
mod signup;
mod start;

pub(crate) use event_words::event_words;
pub(crate) use number::number;
pub(crate) use password_rule::password_rule;
pub(crate) use projects::status_word;
pub(crate) use role_words::role_word;
pub(crate) use second_step::HAS_PASSKEYS;
use tenantry_http::{Access, Routes};

use crate::assets;

/// Every page and every form.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/assets/{name}", Access::anyone(), assets::serve)
        .no_operation()
        .merge(start::routes())
        .merge(login::routes())
        .merge(login_code::routes())
        .merge(signup::routes())
        .merge(recovery::routes())
        .merge(received::routes())
        .merge(account::routes())
        .merge(admin::routes())
        .merge(organizations::routes())
        .merge(organization::routes())
        .merge(projects::routes())
        .merge(members::routes())
        .merge(invitations::routes())
        .merge(accept::routes())
        .merge(settings::routes())
        .merge(billing::routes())
        .merge(audit_log::routes())
}
