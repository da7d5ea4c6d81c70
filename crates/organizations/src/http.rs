//! The routes. Handlers parse, call one method of the service, and translate its answer.

use actix_web::{HttpResponse, Responder, web};
use serde::Serialize;
use tenantry_core::{
    access::{Caller, SessionCaller, TenantContext},
    deployment::Deployment,
    http::{Access, Body, Problem, Query, Routes},
    page::PageQuery,
    request,
    value::{Name, Slug},
};

use crate::{
    ManageOrganization, Me, NewOrganization, OrganizationRef, OrganizationsService,
    ViewOrganization, invitations, signup,
};

type Organizations = web::Data<dyn OrganizationsService>;

/// The module's routes.
#[must_use]
pub fn routes() -> Routes {
    const USER: Access = Access::user();
    const VIEW: Access = Access::path_organization::<ViewOrganization>();
    const MANAGE: Access = Access::path_organization::<ManageOrganization>();

    Routes::new()
        .get("/api/auth/me", USER, me)
        .list("/api/organizations", USER, list)
        .post("/api/organizations", USER.by_session_only(), create)
        .get(
            "/api/organizations/current",
            Access::tenant::<ViewOrganization>(),
            get,
        )
        .get("/api/organizations/{organization_id}", VIEW, get)
        .patch("/api/organizations/{organization_id}", MANAGE, rename)
        .list(
            "/api/organizations/{organization_id}/members",
            VIEW,
            members,
        )
        .post(
            "/api/organizations/{organization_id}/switch",
            VIEW.by_session_only(),
            switch,
        )
        .merge(crate::tokens::routes())
        .merge(invitations::routes())
        .merge(signup::routes())
        .merge(crate::settings::http::routes())
        .merge(crate::limits::http::routes())
        .merge(crate::operators::http::routes())
        .merge(crate::deletion::http::routes())
        .merge(crate::members::routes())
}

request! {
    /// An organization to be made.
    struct CreateOrganization {
        name: Name,
        slug: Option<Slug>,
    }
}

request! {
    /// A new name.
    struct RenameOrganization {
        name: Name,
    }
}

async fn list(
    caller: Caller,
    Query(query): Query<PageQuery>,
    organizations: Organizations,
) -> Result<impl Responder, Problem> {
    Ok(web::Json(organizations.own(&caller, &query.into()).await?))
}

async fn create(
    caller: Caller,
    Body(body): Body<CreateOrganization>,
    organizations: Organizations,
) -> Result<impl Responder, Problem> {
    let new = NewOrganization {
        name: body.name,
        slug: body.slug,
    };
    let made = organizations.create(&caller, new).await?;
    Ok(HttpResponse::Created().json(made))
}

async fn get(ctx: TenantContext, organizations: Organizations) -> Result<impl Responder, Problem> {
    Ok(web::Json(organizations.get(&ctx).await?))
}

async fn rename(
    ctx: TenantContext,
    Body(body): Body<RenameOrganization>,
    organizations: Organizations,
) -> Result<impl Responder, Problem> {
    Ok(web::Json(organizations.rename(&ctx, body.name).await?))
}

async fn members(
    ctx: TenantContext,
    Query(query): Query<PageQuery>,
    organizations: Organizations,
) -> Result<impl Responder, Problem> {
    Ok(web::Json(organizations.members(&ctx, &query.into()).await?))
}

#[derive(Serialize)]
struct Switched {
    status: &'static str,
    organization: Slug,
}

async fn switch(
    ctx: TenantContext,
    caller: SessionCaller,
    organizations: Organizations,
) -> Result<impl Responder, Problem> {
    Ok(web::Json(Switched {
        status: "switched",
        organization: organizations.switch(&ctx, &caller).await?,
    }))
}

#[derive(Serialize)]
struct MembershipBody {
    organization: OrganizationRef,
    role: tenantry_core::access::Role,
}

#[derive(Serialize)]
struct DeploymentBody {
    mode: &'static str,
    multi_org_enabled: bool,
}

#[derive(Serialize)]
struct MeBody {
    id: tenantry_core::id::UserId,
    email: String,
    name: Name,
    is_superuser: bool,
    memberships: Vec<MembershipBody>,
    current_organization: Option<OrganizationRef>,
    deployment: DeploymentBody,
}

async fn me(
    caller: Caller,
    organizations: Organizations,
    deployment: web::Data<Deployment>,
) -> Result<impl Responder, Problem> {
    let Me {
        user,
        memberships,
        current_organization,
    } = organizations.me(&caller).await?;
    let memberships = memberships.into_iter().map(|own| MembershipBody {
        role: own.role,
        organization: own.into(),
    });
    Ok(web::Json(MeBody {
        id: user.id,
        email: user.email.to_string(),
        name: user.name,
        is_superuser: user.is_superuser,
        memberships: memberships.collect(),
        current_organization: current_organization.map(OrganizationRef::from),
        deployment: DeploymentBody {
            mode: deployment.mode(),
            multi_org_enabled: deployment.multi_org_enabled(),
        },
    }))
}
