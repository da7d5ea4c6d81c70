//! The pages, by what they are about.

mod account;
mod admin;
mod event_words;
mod login;
mod organization;
mod organizations;
mod projects;
mod signup;
mod start;

pub(crate) use event_words::event_words;
pub(crate) use projects::status_word;
use tenantry_http::{Access, Routes};

use crate::assets;

/// Every page and every form.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/assets/{name}", Access::anyone(), assets::serve)
        .no_operation()
        .merge(start::routes())
        .merge(login::routes())
        .merge(signup::routes())
        .merge(account::routes())
        .merge(admin::routes())
        .merge(organizations::routes())
        .merge(organization::routes())
        .merge(projects::routes())
}
