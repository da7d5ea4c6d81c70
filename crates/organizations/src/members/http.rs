//! The routes of members. The list of them is a route of their organization.

use actix_web::{HttpRequest, HttpResponse, Responder, web};
use tenantry_core::{
    access::{Role, TenantContext},
    http::{Access, Body, Problem, Routes, path_id},
    id::MembershipId,
    request,
};

use crate::{
    ManageMembers, OrganizationsError, OrganizationsService, TransferOrganization, ViewOrganization,
};

type Organizations = web::Data<dyn OrganizationsService>;

pub(crate) fn routes() -> Routes {
    const VIEW: Access = Access::path_organization::<ViewOrganization>();
    const MANAGE: Access = Access::path_organization::<ManageMembers>();
    const TRANSFER: Access = Access::path_organization::<TransferOrganization>();
    const MEMBER: &str = "/api/organizations/{organization_id}/members/{member_id}";

    Routes::new()
        .patch(MEMBER, MANAGE, set_role)
        .delete(MEMBER, MANAGE, remove)
        .post("/api/organizations/{organization_id}/leave", VIEW, leave)
        .post(
            "/api/organizations/{organization_id}/transfer",
            TRANSFER,
            transfer,
        )
}

request! {
    /// Another role.
    struct SetRole {
        role: Role,
    }
}

request! {
    /// Who becomes the owner.
    struct Transfer {
        member_id: MembershipId,
    }
}

/// The member that the path names.
fn named(request: &HttpRequest) -> Result<MembershipId, OrganizationsError> {
    path_id(request, "member_id").or(OrganizationsError::MemberNotFound)
}

async fn set_role(
    ctx: TenantContext,
    request: HttpRequest,
    Body(body): Body<SetRole>,
    organizations: Organizations,
) -> Result<impl Responder, Problem> {
    let member = named(&request)?;
    let member = organizations.set_role(&ctx, member, body.role).await?;
    Ok(web::Json(member))
}

async fn remove(
    ctx: TenantContext,
    request: HttpRequest,
    organizations: Organizations,
) -> Result<impl Responder, Problem> {
    organizations.remove(&ctx, named(&request)?).await?;
    Ok(HttpResponse::NoContent())
}

async fn leave(
    ctx: TenantContext,
    organizations: Organizations,
) -> Result<impl Responder, Problem> {
    organizations.leave(&ctx).await?;
    Ok(HttpResponse::NoContent())
}

async fn transfer(
    ctx: TenantContext,
    Body(body): Body<Transfer>,
    organizations: Organizations,
) -> Result<impl Responder, Problem> {
    let owner = organizations.transfer(&ctx, body.member_id).await?;
    Ok(web::Json(owner))
}
