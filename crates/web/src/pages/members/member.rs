//! One member, and the change of a role.

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::{Role, SessionCaller, TenantContext},
    id::MembershipId,
    request,
};
use tenantry_http::{Authorized, Form, LenientQuery, PathId, PathSlug, Problem};
use tenantry_organizations::{Member, OrganizationsError, TransferOrganization, grantable_roles};

use crate::{
    Services,
    done::Done,
    form_view::FormView,
    frame::{Frame, Section},
    html::{Answer, Reply},
    page_query::PageQuery,
    pages::refusals,
};

request! {
    /// A new role.
    pub(super) struct SetRole {
        /// The member's new role.
        role: Role,
    }
}

#[derive(Template)]
#[template(path = "members/member.html")]
struct MemberPage {
    frame: Frame,
    path: String,
    member: Member,
    form: FormView,
    /// The roles to choose from.
    roles: Vec<Role>,
    is_self: bool,
    may_manage: bool,
    may_transfer: bool,
}

impl MemberPage {
    async fn load(
        web: &Services,
        caller: &SessionCaller,
        ctx: &TenantContext,
        member: Member,
        form: FormView,
    ) -> Result<Self, Problem> {
        let frame = Frame::tenant(web, caller, ctx, Section::Members, None).await?;
        let is_self = member.user == ctx.user();
        Ok(Self {
            path: format!("{}/members", frame.organization_path()),
            frame,
            form,
            roles: grantable_roles(ctx),
            is_self,
            may_manage: member.is_manageable_by(ctx),
            may_transfer: !is_self && ctx.require::<TransferOrganization>().is_ok(),
            member,
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
    let member = web.organizations.members.member(&ctx, id).await?;
    let form = FormView::of(&[("role", member.role.as_str())]);
    Reply::page(&MemberPage::load(&web, &caller, &ctx, member, form).await?)
}

pub(super) async fn set_role(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    PathSlug(slug): PathSlug,
    id: PathId<MembershipId>,
    form: Form<SetRole>,
) -> Answer {
    let id = id.or(OrganizationsError::MemberNotFound)?;
    let members = &web.organizations.members;
    let invalid = match form.values {
        Ok(values) => match members.set_role(&ctx, id, values.role).await {
            Ok(_) => {
                let path = format!("/o/{slug}/members");
                return Ok(Reply::see_other(Done::RoleChanged.at(&path)));
            }
            Err(error) => FormView::refused(form.sent, refusals::sentence(error)?),
        },
        Err(errors) => FormView::invalid(form.sent, errors),
    };
    let member = members.member(&ctx, id).await?;
    Reply::invalid(&MemberPage::load(&web, &caller, &ctx, member, invalid).await?)
}
