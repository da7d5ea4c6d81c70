//! The routes of settings.

use actix_web::{Responder, web};
use tenantry_core::{
    access::TenantContext,
    http::{Access, Body, Problem, Routes},
};

use super::SettingsPatch;
use crate::{ManageOrganization, OrganizationsService, ViewOrganization};

type Organizations = web::Data<dyn OrganizationsService>;

const PATH: &str = "/api/organizations/{organization_id}/settings";

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get(PATH, Access::path_organization::<ViewOrganization>(), get)
        .patch(
            PATH,
            Access::path_organization::<ManageOrganization>(),
            change,
        )
}

async fn get(ctx: TenantContext, organizations: Organizations) -> Result<impl Responder, Problem> {
    Ok(web::Json(organizations.settings(&ctx).await?))
}

async fn change(
    ctx: TenantContext,
    Body(patch): Body<SettingsPatch>,
    organizations: Organizations,
) -> Result<impl Responder, Problem> {
    Ok(web::Json(organizations.change_settings(&ctx, patch).await?))
}
