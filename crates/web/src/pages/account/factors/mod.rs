//! The second factor of an account.

mod app;
mod codes;
mod paths;
mod remove;
mod renew;
mod verify;

use serde_json::json;
use tenantry_core::event::DomainEvent as _;
use tenantry_domain_events::events::users::{
    RecoveryCodesRenewed, SecondFactorAdded, SecondFactorRemoved,
};
use tenantry_http::{Access, Routes};

use self::paths::APP;

pub(super) fn routes() -> Routes {
    const SESSION: Access = Access::user().session_only().or_unverified();
    const RENEW: &str = "/account/security/recovery-codes";

    Routes::new()
        .page("/account/verify", SESSION, verify::show)
        .form("/account/verify", SESSION, verify::check)
        .sample(|values| json!({"code": values.code}))
        .records(&[])
        .page(APP, SESSION, app::show)
        .form(APP, SESSION, app::begin)
        .sample(|values| json!({"current_password": values.password}))
        .records(&[])
        .page("/account/security/app/confirm", SESSION, app::begin_again)
        .form("/account/security/app/confirm", SESSION, app::confirm)
        .sample(|values| json!({"code": values.code}))
        .records(&[SecondFactorAdded::NAME])
        .page("/account/security/app/remove", SESSION, remove::show)
        .form("/account/security/app/remove", SESSION, remove::remove)
        .sample(|values| json!({"current_password": values.password, "code": values.code}))
        .records(&[SecondFactorRemoved::NAME])
        .page(RENEW, SESSION, renew::show)
        .form(RENEW, SESSION, renew::renew)
        .sample(|values| json!({"current_password": values.password}))
        .records(&[RecoveryCodesRenewed::NAME])
}
