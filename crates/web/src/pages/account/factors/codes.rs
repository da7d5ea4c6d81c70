//! Recovery codes, which the answer to a form shows once.

use askama::Template;
use tenantry_core::access::SessionCaller;
use tenantry_users::RecoveryCode;

use super::{super::tabs::TABS, paths::SECURITY};
use crate::{
    Services,
    frame::Frame,
    html::{Answer, Reply},
};

#[derive(Template)]
#[template(path = "account/factors/codes.html")]
struct CodesPage {
    frame: Frame,
    tab: &'static str,
    /// What was done.
    title: &'static str,
    codes: Vec<String>,
}

/// The page with the codes.
pub(super) async fn page(
    web: &Services,
    caller: &SessionCaller,
    title: &'static str,
    codes: &[RecoveryCode],
) -> Answer {
    Reply::page(&CodesPage {
        frame: Frame::personal(web, caller, None).await?,
        tab: SECURITY,
        title,
        codes: codes.iter().map(RecoveryCode::expose).collect(),
    })
}
