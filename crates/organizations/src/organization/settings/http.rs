//! The routes of settings.

use actix_web::web;
use serde_json::json;
use tenantry_core::{
    access::{AccessError, TenantContext},
    event::DomainEvent as _,
};
use tenantry_domain_events::events::organizations::SettingsChanged;
use tenantry_http::{Access, Authorized, Body, Problem, Routes};

use super::{model::SettingsView, patch::SettingsPatch, service::SettingsService};
use crate::{
    error::OrganizationsError,
    permissions::{ManageOrganization, ViewOrganization},
};

type SettingsData = web::Data<dyn SettingsService>;

const PATH: &str = "/api/organizations/{organization_id}/settings";

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get(PATH, Access::path_organization::<ViewOrganization>(), get)
        .operation("get_settings", "An organization's settings")
        .patch(
            PATH,
            Access::path_organization::<ManageOrganization>(),
            change,
        )
        .operation(
            "change_settings",
            "Merge a patch (RFC 7396) into an organization's settings",
        )
        .sample(|values| json!({"custom": {"note": values.text}}))
        .records(&[SettingsChanged::NAME])
        .errors([
            OrganizationsError::LimitsReadOnly,
            OrganizationsError::CustomTooLarge,
        ])
        .errors([
            AccessError::SecondFactorRequired,
            AccessError::SecondFactorMissing,
            AccessError::SessionRequired,
        ])
}

async fn get(
    Authorized(ctx): Authorized<TenantContext>,
    settings: SettingsData,
) -> Result<web::Json<SettingsView>, Problem> {
    Ok(web::Json(settings.settings(&ctx).await?))
}

async fn change(
    Authorized(ctx): Authorized<TenantContext>,
    Body(patch): Body<SettingsPatch>,
    settings: SettingsData,
) -> Result<web::Json<SettingsView>, Problem> {
    Ok(web::Json(settings.change_settings(&ctx, patch).await?))
}
