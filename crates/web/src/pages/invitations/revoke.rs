//! The revocation of an invitation.

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::{SessionCaller, TenantContext},
    id::InvitationId,
};
use tenantry_http::{Authorized, LenientQuery, PathId, PathSlug, Problem};
use tenantry_organizations::{Invitation, InvitationError};

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
#[template(path = "invitations/revoke.html")]
struct RevokePage {
    frame: Frame,
    path: String,
    invitation: Invitation,
    form: FormView,
}

impl RevokePage {
    async fn load(
        web: &Services,
        caller: &SessionCaller,
        ctx: &TenantContext,
        id: InvitationId,
        form: FormView,
    ) -> Result<Self, Problem> {
        let invitation = web.organizations.invitations.invitation(ctx, id).await?;
        let frame = Frame::tenant(web, caller, ctx, Section::Members, None).await?;
        Ok(Self {
            path: format!("{}/members/invitations", frame.organization_path()),
            frame,
            invitation,
            form,
        })
    }
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<InvitationId>,
    LenientQuery(PageQuery { .. }): LenientQuery<PageQuery>,
) -> Answer {
    let id = id.or(InvitationError::NotFound)?;
    Reply::page(&RevokePage::load(&web, &caller, &ctx, id, FormView::empty()).await?)
}

pub(super) async fn revoke(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    PathSlug(slug): PathSlug,
    id: PathId<InvitationId>,
) -> Answer {
    let id = id.or(InvitationError::NotFound)?;
    match web.organizations.invitations.revoke(&ctx, id).await {
        Ok(()) => {
            let path = format!("/o/{slug}/members/invitations");
            Ok(Reply::see_other(Done::InvitationRevoked.at(&path)))
        }
        Err(error) => {
            let form = FormView::refusal(refusals::sentence(error)?);
            Reply::invalid(&RevokePage::load(&web, &caller, &ctx, id, form).await?)
        }
    }
}
