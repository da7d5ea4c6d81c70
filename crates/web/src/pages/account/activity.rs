//! What happened to a person's account.

use actix_web::web;
use askama::Template;
use tenantry_audit::{AuditEntry, AuditFilter};
use tenantry_core::{access::SessionCaller, page::PageRequest, request};
use tenantry_http::{Authorized, LenientQuery};

use super::tabs::TABS;
use crate::{
    Services,
    frame::Frame,
    html::{Answer, Reply},
    paging::Paging,
};

request! {
    /// Which entries to show.
    pub(super) struct ActivityQuery {
        /// The cursor of the previous page.
        cursor: Option<String>,
    }
}

#[derive(Template)]
#[template(path = "account/activity.html")]
struct ActivityPage {
    frame: Frame,
    tab: &'static str,
    entries: Vec<AuditEntry>,
    paging: Paging,
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(query): LenientQuery<ActivityQuery>,
) -> Answer {
    let request = PageRequest {
        cursor: query.cursor,
        ..PageRequest::default()
    };
    let all = AuditFilter::default();
    let page = web.audit.activity(&caller, &all, &request).await?;
    Reply::page(&ActivityPage {
        frame: Frame::personal(&web, &caller, None).await?,
        tab: "/account/activity",
        entries: page.items,
        paging: Paging::new(
            "/account/activity",
            &[],
            &request,
            page.next_cursor.as_deref(),
        ),
    })
}
