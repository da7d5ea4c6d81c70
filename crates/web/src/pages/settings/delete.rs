//! The deletion of an organization.

use std::sync::Arc;

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::{SessionCaller, TenantContext},
    request,
};
use tenantry_http::{Authorized, FieldErrors, Form, LenientQuery, Problem};
use tenantry_organizations::{Billing, OrganizationsError, delete_organization};

use crate::{
    Services,
    done::Done,
    form_view::FormView,
    frame::{Frame, PageOrganization, Section},
    html::{Answer, Reply},
    page_query::PageQuery,
};

request! {
    /// The confirmation.
    pub(super) struct Confirm {
        /// The organization's slug.
        confirm_slug: String,
    }
}

#[derive(Template)]
#[template(path = "settings/delete.html")]
struct DeletePage {
    frame: Frame,
    path: String,
    slug: String,
    /// What goes with the organization.
    contents: Billing,
    form: FormView,
}

impl DeletePage {
    async fn load(
        web: &Services,
        caller: &SessionCaller,
        ctx: &TenantContext,
        form: FormView,
    ) -> Result<Self, Problem> {
        let contents = web.organizations.billing.billing(ctx).await?;
        let frame = Frame::tenant(web, caller, ctx, Section::Settings, None).await?;
        let organization = frame.organization.as_ref();
        let slug = |organization: &PageOrganization| organization.slug.to_string();
        Ok(Self {
            path: format!("{}/settings", frame.organization_path()),
            slug: organization.map(slug).unwrap_or_default(),
            frame,
            contents,
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
    // Before anything is typed.
    caller.second_factor().require_recent()?;
    Reply::page(&DeletePage::load(&web, &caller, &ctx, FormView::empty()).await?)
}

pub(super) async fn delete(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    form: Form<Confirm>,
) -> Answer {
    let errors = match form.values {
        Ok(values) => {
            let deletion = Arc::clone(&web.organizations.deletion);
            match delete_organization(deletion, &ctx, &values.confirm_slug).await {
                Ok(()) => {
                    let path = Done::OrganizationDeleted.at("/organizations");
                    return Ok(Reply::see_other(path));
                }
                Err(OrganizationsError::WrongConfirmation) => {
                    FieldErrors::one("confirm_slug", "is another one")
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(errors) => errors,
    };
    let form = FormView::invalid(form.sent, errors);
    Reply::invalid(&DeletePage::load(&web, &caller, &ctx, form).await?)
}
