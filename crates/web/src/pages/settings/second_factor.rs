//! Whether members need a second factor.

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::{AccessError, SecondFactor, SessionCaller, TenantContext},
    request,
};
use tenantry_http::{Authorized, Form, LenientQuery, PathSlug, Problem};
use tenantry_organizations::{OrganizationsError, SettingsPatch};

use crate::{
    Services,
    done::Done,
    fields::Checked,
    form_view::FormView,
    frame::{Frame, Section},
    html::{Answer, Reply},
    page_query::PageQuery,
};

const OWN_FIRST: &str =
    "Set up a second factor for your own account first: you would be kept out, too.";

request! {
    /// Whether members need a second factor.
    pub(super) struct Require {
        /// They do.
        require_mfa: Checked,
    }
}

#[derive(Template)]
#[template(path = "settings/second_factor.html")]
struct SecondFactorPage {
    frame: Frame,
    path: String,
    is_required: bool,
    /// The owner's own.
    own: SecondFactor,
    form: FormView,
}

impl SecondFactorPage {
    async fn load(
        web: &Services,
        caller: &SessionCaller,
        ctx: &TenantContext,
        form: FormView,
    ) -> Result<Self, Problem> {
        let settings = web.organizations.settings.settings(ctx).await?;
        let frame = Frame::tenant(web, caller, ctx, Section::Settings, None).await?;
        Ok(Self {
            path: format!("{}/settings", frame.organization_path()),
            frame,
            is_required: settings.require_mfa,
            own: ctx.second_factor(),
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
    // Before anything is chosen.
    ctx.second_factor().require_recent()?;
    Reply::page(&SecondFactorPage::load(&web, &caller, &ctx, FormView::empty()).await?)
}

pub(super) async fn require(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    PathSlug(slug): PathSlug,
    form: Form<Require>,
) -> Answer {
    let form = match form.values {
        Ok(values) => {
            let patch = SettingsPatch::requiring_second_factor(values.require_mfa.0);
            let settings = &web.organizations.settings;
            match settings.change_settings(&ctx, patch).await {
                Ok(_) => {
                    let path = format!("/o/{slug}/settings");
                    return Ok(Reply::see_other(Done::SettingsChanged.at(&path)));
                }
                Err(OrganizationsError::Access(AccessError::SecondFactorMissing)) => {
                    FormView::refusal(OWN_FIRST.to_owned())
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(errors) => FormView::invalid(form.sent, errors),
    };
    Reply::invalid(&SecondFactorPage::load(&web, &caller, &ctx, form).await?)
}
