//! The transfer of an organization to another member.

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::{SessionCaller, TenantContext},
    id::MembershipId,
};
use tenantry_http::{Authorized, LenientQuery, PathId, PathSlug, Problem};
use tenantry_organizations::{Member, OrganizationsError};

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
#[template(path = "members/transfer.html")]
struct TransferPage {
    frame: Frame,
    path: String,
    member: Member,
    form: FormView,
}

impl TransferPage {
    async fn load(
        web: &Services,
        caller: &SessionCaller,
        ctx: &TenantContext,
        id: MembershipId,
        form: FormView,
    ) -> Result<Self, Problem> {
        let member = web.organizations.members.member(ctx, id).await?;
        let frame = Frame::tenant(web, caller, ctx, Section::Members, None).await?;
        Ok(Self {
            path: format!("{}/members", frame.organization_path()),
            frame,
            member,
            form,
        })
    }
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<MembershipId>,
    LenientQuery(PageQuery { .. }): LenientQuery<PageQuery>,
) -> Answer {
    // Before anything is typed.
    caller.second_factor().require_recent()?;
    let id = id.or(OrganizationsError::MemberNotFound)?;
    Reply::page(&TransferPage::load(&web, &caller, &ctx, id, FormView::empty()).await?)
}

pub(super) async fn transfer(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    PathSlug(slug): PathSlug,
    id: PathId<MembershipId>,
) -> Answer {
    let id = id.or(OrganizationsError::MemberNotFound)?;
    match web.organizations.members.transfer(&ctx, id).await {
        Ok(_) => {
            let path = format!("/o/{slug}/members");
            Ok(Reply::see_other(Done::OwnershipTransferred.at(&path)))
        }
        Err(error) => {
            let form = FormView::refusal(refusals::sentence(error)?);
            Reply::invalid(&TransferPage::load(&web, &caller, &ctx, id, form).await?)
        }
    }
}
