//! The end of one's own membership.

use actix_web::web;
use askama::Template;
use tenantry_core::access::{SessionCaller, TenantContext};
use tenantry_http::{Authorized, LenientQuery, Problem};

use crate::{
    Services,
    done::Done,
    form_view::FormView,
    frame::{Frame, Section},
    html::{Answer, Reply},
    page_query::PageQuery,
    pages::refusals,
};

#[derive(Template)]
#[template(path = "members/leave.html")]
struct LeavePage {
    frame: Frame,
    path: String,
    form: FormView,
}

impl LeavePage {
    async fn load(
        web: &Services,
        caller: &SessionCaller,
        ctx: &TenantContext,
        form: FormView,
    ) -> Result<Self, Problem> {
        let frame = Frame::tenant(web, caller, ctx, Section::Members, None).await?;
        Ok(Self {
            path: format!("{}/members", frame.organization_path()),
            frame,
            form,
        })
    }
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(PageQuery { .. }): LenientQuery<PageQuery>,
) -> Answer {
    Reply::page(&LeavePage::load(&web, &caller, &ctx, FormView::empty()).await?)
}

pub(super) async fn leave(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
) -> Answer {
    match web.organizations.members.leave(&ctx).await {
        Ok(()) => Ok(Reply::see_other(Done::Left.at("/organizations"))),
        Err(error) => {
            let form = FormView::refusal(refusals::sentence(error)?);
            Reply::invalid(&LeavePage::load(&web, &caller, &ctx, form).await?)
        }
    }
}
