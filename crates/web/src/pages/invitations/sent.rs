//! An invitation's link, which is shown once.

use askama::Template;
use tenantry_core::access::{SessionCaller, TenantContext};
use tenantry_organizations::SentInvitation;

use crate::{
    Services,
    frame::{Frame, Section},
    html::{Answer, Reply},
};

#[derive(Template)]
#[template(path = "invitations/sent.html")]
struct SentPage {
    frame: Frame,
    path: String,
    sent: SentInvitation,
}

/// The direct answer of the form that made the link: no address leads to it again.
pub(super) async fn show(
    web: &Services,
    caller: &SessionCaller,
    ctx: &TenantContext,
    sent: SentInvitation,
) -> Answer {
    let frame = Frame::tenant(web, caller, ctx, Section::Members, None).await?;
    Reply::page(&SentPage {
        path: format!("{}/members", frame.organization_path()),
        frame,
        sent,
    })
}
