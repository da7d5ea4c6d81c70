//! The routes. Handlers parse, call one method of the service, and translate its answer.

use actix_web::web;
use schemars::JsonSchema;
use serde::Serialize;
use tenantry_core::{
    access::{Caller, SessionCaller, TenantContext},
    deployment::Deployment,
    page::{Page, PageQuery},
    request,
    value::{Name, Slug},
};
use tenantry_http::{Access, Authorized, Body, Created, Problem, Query, Routes};

use crate::{
    ManageOrganization, Me, Member, MyOrganization, NewOrganization, OrganizationRef,
    OrganizationsError, OrganizationsService, ViewOrganization, invitations, signup,
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
        .operation("get_me", "Who is calling, and where he belongs")
        .list("/api/organizations", USER, list)
        .operation(
            "list_organizations",
            "The organizations that the caller belongs to",
        )
        .post("/api/organizations", USER.session_only(), create)
        .operation("create_organization", "Make an organization, and own it")
        .errors([
            OrganizationsError::SlugTaken,
            OrganizationsError::CreationDisabled,
        ])
        .get(
            "/api/organizations/current",
            Access::tenant::<ViewOrganization>(),
            get,
        )
        .operation(
            "get_current_organization",
            "The organization of the request",
        )
        .get("/api/organizations/{organization_id}", VIEW, get)
        .operation("get_organization", "An organization")
        .patch("/api/organizations/{organization_id}", MANAGE, rename)
        .operation("rename_organization", "Change an organization's name")
        .list(
            "/api/organizations/{organization_id}/members",
            VIEW,
            members,
        )
        .operation("list_members", "An organization's members")
        .post(
            "/api/organizations/{organization_id}/switch",
            VIEW.session_only(),
            switch,
        )
        .operation(
            "switch_organization",
            "Make it the organization of the session",
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
        /// What people call it.
        name: Name,
        /// What names it in headers; made from the name where it is absent.
        slug: Option<Slug>,
    }
}

request! {
    /// A new name.
    struct RenameOrganization {
        /// What people call it from then on.
        name: Name,
    }
}

async fn list(
    Authorized(caller): Authorized<Caller>,
    Query(query): Query<PageQuery>,
    organizations: Organizations,
) -> Result<web::Json<Page<MyOrganization>>, Problem> {
    Ok(web::Json(organizations.own(&caller, &query.into()).await?))
}

async fn create(
    Authorized(caller): Authorized<Caller>,
    Body(body): Body<CreateOrganization>,
    organizations: Organizations,
) -> Result<Created<MyOrganization>, Problem> {
    let new = NewOrganization {
        name: body.name,
        slug: body.slug,
    };
    let made = organizations.create(&caller, new).await?;
    Ok(Created::new(made))
}

async fn get(
    Authorized(ctx): Authorized<TenantContext>,
    organizations: Organizations,
) -> Result<web::Json<MyOrganization>, Problem> {
    Ok(web::Json(organizations.get(&ctx).await?))
}

async fn rename(
    Authorized(ctx): Authorized<TenantContext>,
    Body(body): Body<RenameOrganization>,
    organizations: Organizations,
) -> Result<web::Json<MyOrganization>, Problem> {
    Ok(web::Json(organizations.rename(&ctx, body.name).await?))
}

async fn members(
    Authorized(ctx): Authorized<TenantContext>,
    Query(query): Query<PageQuery>,
    organizations: Organizations,
) -> Result<web::Json<Page<Member>>, Problem> {
    Ok(web::Json(organizations.members(&ctx, &query.into()).await?))
}

/// That the session is in another organization now.
#[derive(Serialize, JsonSchema)]
struct Switched {
    #[schemars(extend("const" = "switched"))]
    status: &'static str,
    /// The organization's slug.
    organization: Slug,
}

async fn switch(
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    organizations: Organizations,
) -> Result<web::Json<Switched>, Problem> {
    Ok(web::Json(Switched {
        status: "switched",
        organization: organizations.switch(&ctx, &caller).await?,
    }))
}

/// One of the caller's places.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OwnMembership")]
struct MembershipBody {
    /// The organization.
    organization: OrganizationRef,
    /// What he is there.
    role: tenantry_core::access::Role,
}

/// What kind of deployment this is.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Deployment")]
struct DeploymentBody {
    /// Many organizations, or one alone.
    #[schemars(extend("enum" = ["saas", "dedicated"]))]
    mode: &'static str,
    /// Whether there can be more than one organization.
    multi_org_enabled: bool,
}

/// Who is calling, and where he belongs.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Me")]
struct MeBody {
    /// The account's id.
    id: tenantry_core::id::UserId,
    /// Its address.
    email: String,
    /// The person's name.
    name: Name,
    /// Whether he may do what only superusers may.
    is_superuser: bool,
    /// The organizations that he belongs to.
    memberships: Vec<MembershipBody>,
    /// The one that a request without a header is about.
    current_organization: Option<OrganizationRef>,
    /// The deployment.
    deployment: DeploymentBody,
}

async fn me(
    Authorized(caller): Authorized<Caller>,
    organizations: Organizations,
    deployment: web::Data<Deployment>,
) -> Result<web::Json<MeBody>, Problem> {
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
