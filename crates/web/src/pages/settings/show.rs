//! The name, the preferences and the features of an organization.

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::{SessionCaller, TenantContext},
    request,
    value::Name,
};
use tenantry_http::{Authorized, Form, LenientQuery, PathSlug, Problem};
use tenantry_organizations::{
    DeleteOrganization, Features, Locale, ManageOrganization, Preferences, RequireSecondFactor,
    Settings, SettingsPatch, SettingsView, TimeZone,
};

use crate::{
    Services,
    done::Done,
    fields::Checked,
    form_view::FormView,
    frame::{Frame, Section},
    html::{Answer, Reply},
    page_query::PageQuery,
};

request! {
    /// A new name.
    pub(super) struct Rename {
        /// The organization's name.
        name: Name,
    }
}

request! {
    /// The preferences and features.
    pub(super) struct ChangeSettings {
        /// The language and region of texts.
        locale: Locale,
        /// The time zone of dates.
        timezone: TimeZone,
        /// Whether members see experimental features.
        early_access: Checked,
        /// Whether members get a weekly summary.
        weekly_digest: Checked,
    }
}

#[derive(Template)]
#[template(path = "settings/show.html")]
struct SettingsPage {
    frame: Frame,
    path: String,
    settings: Settings,
    /// Whether members need a second factor.
    requires_factor: bool,
    name: FormView,
    form: FormView,
    may_manage: bool,
    may_require_factor: bool,
    may_delete: bool,
}

impl SettingsPage {
    async fn load(
        web: &Services,
        caller: &SessionCaller,
        ctx: &TenantContext,
        done: Option<Done>,
    ) -> Result<Self, Problem> {
        let SettingsView {
            settings,
            require_mfa,
            ..
        } = web.organizations.settings.settings(ctx).await?;
        let frame = Frame::tenant(web, caller, ctx, Section::Settings, done).await?;
        let mut values = vec![
            ("locale", settings.preferences.locale.as_str()),
            ("timezone", settings.preferences.timezone.as_str()),
        ];
        let Features {
            early_access,
            weekly_digest,
        } = settings.features;
        values.extend(early_access.then_some(("early_access", "on")));
        values.extend(weekly_digest.then_some(("weekly_digest", "on")));
        let name = frame.organization.as_ref();
        let name = name.map_or("", |organization| organization.name.as_str());
        Ok(Self {
            path: format!("{}/settings", frame.organization_path()),
            name: FormView::of(&[("name", name)]),
            form: FormView::of(&values),
            frame,
            settings,
            requires_factor: require_mfa,
            may_manage: ctx.require::<ManageOrganization>().is_ok(),
            may_require_factor: ctx.require::<RequireSecondFactor>().is_ok(),
            may_delete: ctx.require::<DeleteOrganization>().is_ok(),
        })
    }
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(query): LenientQuery<PageQuery>,
) -> Answer {
    Reply::page(&SettingsPage::load(&web, &caller, &ctx, query.done.0).await?)
}

pub(super) async fn rename(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    PathSlug(slug): PathSlug,
    form: Form<Rename>,
) -> Answer {
    match form.values {
        Ok(values) => {
            let service = &web.organizations.organizations;
            service.rename(&ctx, values.name).await?;
            let path = format!("/o/{slug}/settings");
            Ok(Reply::see_other(Done::NameChanged.at(&path)))
        }
        Err(errors) => {
            let page = SettingsPage::load(&web, &caller, &ctx, None).await?;
            let name = FormView::invalid(form.sent, errors);
            Reply::invalid(&SettingsPage { name, ..page })
        }
    }
}

pub(super) async fn change(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    PathSlug(slug): PathSlug,
    form: Form<ChangeSettings>,
) -> Answer {
    match form.values {
        Ok(values) => {
            let features = Features {
                early_access: values.early_access.0,
                weekly_digest: values.weekly_digest.0,
            };
            let preferences = Preferences {
                locale: values.locale,
                timezone: values.timezone,
            };
            let patch = SettingsPatch::replacing(features, preferences);
            let service = &web.organizations.settings;
            service.change_settings(&ctx, patch).await?;
            let path = format!("/o/{slug}/settings");
            Ok(Reply::see_other(Done::SettingsChanged.at(&path)))
        }
        Err(errors) => {
            let page = SettingsPage::load(&web, &caller, &ctx, None).await?;
            let form = FormView::invalid(form.sent, errors);
            Reply::invalid(&SettingsPage { form, ..page })
        }
    }
}
