//! A new link for an invitation; the old one is of no use from then on.

use actix_web::web;
use tenantry_core::{
    access::{SessionCaller, TenantContext},
    id::InvitationId,
};
use tenantry_http::{Authorized, PathId, RateLimiter};
use tenantry_organizations::{InvitationError, count_invitation};

use super::{
    list::{ListPage, ListQuery},
    sent,
};
use crate::{
    Services,
    form_view::FormView,
    html::{Answer, Reply},
    pages::refusals,
};

pub(super) async fn resend(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    throttle: RateLimiter,
    id: PathId<InvitationId>,
) -> Answer {
    let id = id.or(InvitationError::NotFound)?;
    count_invitation(&throttle, &ctx)?;
    match web.organizations.invitations.resend(&ctx, id).await {
        Ok(invitation) => sent::show(&web, &caller, &ctx, invitation).await,
        Err(error) => {
            let form = FormView::refusal(refusals::sentence(error)?);
            Reply::invalid(&ListPage::load(&web, &caller, &ctx, ListQuery::ALL, form).await?)
        }
    }
}
