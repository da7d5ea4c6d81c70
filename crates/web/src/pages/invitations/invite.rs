//! Inviting people, by their address or by a link.

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::{Role, SessionCaller, TenantContext},
    request,
};
use tenantry_http::{Authorized, FieldErrors, Form, LenientQuery, Problem, RateLimiter};
use tenantry_organizations::{
    ExpiresInDays, MaxUses, NewInvitation, count_invitation, grantable_roles,
};
use tenantry_users::Email;

use super::sent;
use crate::{
    Services,
    form_view::FormView,
    frame::{Frame, Section},
    html::{Answer, Reply},
    page_query::PageQuery,
    pages::refusals,
};

request! {
    /// An invitation for one person.
    pub(super) struct InviteByAddress {
        /// The person's address.
        email: Email,
        /// The role of the new member.
        role: Role,
        /// Its lifetime in days.
        expires_in_days: Option<ExpiresInDays>,
    }
}

request! {
    /// An invitation for several people. Its fields have names of their own, because both forms are
    /// on one page.
    pub(super) struct InviteByLink {
        /// The role of the new members.
        link_role: Role,
        /// How many people can join.
        max_uses: Option<MaxUses>,
        /// Its lifetime in days.
        link_days: Option<ExpiresInDays>,
    }
}

/// What the forms propose.
const PROPOSED: [(&str, &str); 5] = [
    ("role", "member"),
    ("expires_in_days", "7"),
    ("link_role", "member"),
    ("max_uses", "10"),
    ("link_days", "7"),
];

#[derive(Template)]
#[template(path = "invitations/invite.html")]
struct InvitePage {
    frame: Frame,
    path: String,
    by_address: FormView,
    by_link: FormView,
    roles: Vec<Role>,
    link_roles: [Role; 2],
}

impl InvitePage {
    async fn load(
        web: &Services,
        caller: &SessionCaller,
        ctx: &TenantContext,
    ) -> Result<Self, Problem> {
        let frame = Frame::tenant(web, caller, ctx, Section::Members, None).await?;
        Ok(Self {
            path: format!("{}/members", frame.organization_path()),
            frame,
            by_address: FormView::of(&PROPOSED),
            by_link: FormView::of(&PROPOSED),
            roles: grantable_roles(ctx),
            link_roles: NewInvitation::LINK_ROLES,
        })
    }
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(PageQuery { .. }): LenientQuery<PageQuery>,
) -> Answer {
    Reply::page(&InvitePage::load(&web, &caller, &ctx).await?)
}

pub(super) async fn by_address(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    throttle: RateLimiter,
    form: Form<InviteByAddress>,
) -> Answer {
    let by_address = match form.values {
        Ok(values) => {
            count_invitation(&throttle, &ctx)?;
            let days = values.expires_in_days.unwrap_or_default();
            let new = NewInvitation::addressed(values.email, values.role).expiring_in(days);
            match web.organizations.invitations.invite(&ctx, new).await {
                Ok(invitation) => return sent::show(&web, &caller, &ctx, invitation).await,
                Err(error) => FormView::refused(form.sent, refusals::sentence(error)?),
            }
        }
        Err(errors) => FormView::invalid(form.sent, errors),
    };
    let page = InvitePage::load(&web, &caller, &ctx).await?;
    Reply::invalid(&InvitePage { by_address, ..page })
}

pub(super) async fn by_link(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    throttle: RateLimiter,
    form: Form<InviteByLink>,
) -> Answer {
    let new = form.values.and_then(|values| {
        let uses = values.max_uses.unwrap_or_default();
        let link = NewInvitation::link(values.link_role, uses);
        let link = link.map_err(|rule| FieldErrors::one("link_role", rule.0))?;
        Ok(link.expiring_in(values.link_days.unwrap_or_default()))
    });
    let by_link = match new {
        Ok(new) => {
            count_invitation(&throttle, &ctx)?;
            match web.organizations.invitations.invite(&ctx, new).await {
                Ok(invitation) => return sent::show(&web, &caller, &ctx, invitation).await,
                Err(error) => FormView::refused(form.sent, refusals::sentence(error)?),
            }
        }
        Err(errors) => FormView::invalid(form.sent, errors),
    };
    let page = InvitePage::load(&web, &caller, &ctx).await?;
    Reply::invalid(&InvitePage { by_link, ..page })
}
