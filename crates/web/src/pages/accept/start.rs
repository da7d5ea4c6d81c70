//! The page that reads the secret out of the link.

use actix_web::web;
use askama::Template;
use tenantry_core::access::SessionCaller;
use tenantry_http::{Authorized, LenientQuery, Problem};

use crate::{
    Services,
    form_view::FormView,
    frame::Frame,
    html::{Answer, Reply},
    page_query::PageQuery,
};

#[derive(Template)]
#[template(path = "accept/start.html")]
struct StartPage {
    frame: Frame,
    form: FormView,
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(caller): Authorized<Option<SessionCaller>>,
    LenientQuery(PageQuery { .. }): LenientQuery<PageQuery>,
) -> Answer {
    let frame = visitor(&web, caller.as_ref()).await?;
    let form = FormView::empty();
    Reply::page(&StartPage { frame, form })
}

/// The same page, for a form without a secret.
pub(super) fn again(frame: Frame, form: FormView) -> Answer {
    Reply::invalid(&StartPage { frame, form })
}

pub(super) async fn visitor(
    web: &Services,
    caller: Option<&SessionCaller>,
) -> Result<Frame, Problem> {
    match caller {
        Some(caller) => Frame::personal(web, caller, None).await,
        None => Ok(Frame::public(web, None)),
    }
}
