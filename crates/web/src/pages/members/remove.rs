//! The removal of a member.

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::{Permission as _, PermissionDenied, SessionCaller, TenantContext},
    id::MembershipId,
};
use tenantry_http::{Authorized, LenientQuery, PathId, PathSlug, Problem};
use tenantry_organizations::{ManageMembers, Member, OrganizationsError};

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
#[template(path = "members/remove.html")]
struct RemovePage {
    frame: Frame,
    path: String,
    member: Member,
    form: FormView,
}

impl RemovePage {
    async fn load(
        web: &Services,
        caller: &SessionCaller,
        ctx: &TenantContext,
        id: MembershipId,
        form: FormView,
    ) -> Result<Self, Problem> {
        let member = web.organizations.members.member(ctx, id).await?;
        if !member.is_manageable_by(ctx) {
            let permission = ManageMembers::CODE;
            return Err(OrganizationsError::from(PermissionDenied { permission }).into());
        }
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
    let id = id.or(OrganizationsError::MemberNotFound)?;
    Reply::page(&RemovePage::load(&web, &caller, &ctx, id, FormView::empty()).await?)
}

pub(super) async fn remove(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    PathSlug(slug): PathSlug,
    id: PathId<MembershipId>,
) -> Answer {
    let id = id.or(OrganizationsError::MemberNotFound)?;
    match web.organizations.members.remove(&ctx, id).await {
        Ok(()) => {
            let path = format!("/o/{slug}/members");
            Ok(Reply::see_other(Done::MemberRemoved.at(&path)))
        }
        Err(error) => {
            let form = FormView::refusal(refusals::sentence(error)?);
            Reply::invalid(&RemovePage::load(&web, &caller, &ctx, id, form).await?)
        }
    }
}
