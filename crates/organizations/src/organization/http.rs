//! The routes. Handlers parse, call one method of a service, and translate its result.

use actix_web::{http::StatusCode, web};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use tenantry_core::{
    access::{Caller, SessionCaller, TenantContext},
    deployment::Deployment,
    error::DomainError as _,
    event::DomainEvent as _,
    input::InvalidField,
    page::{Page, PageRequest, PageSize},
    request,
    value::{Name, SearchText, Slug},
};
use tenantry_domain_events::events::organizations::{
    OrganizationCreated, OrganizationRenamed, UserJoinedOrganization,
};
use tenantry_http::{Access, Authorized, Body, Created, Problem, Query, Routes};

use super::{
    model::{MyOrganization, NewOrganization, OrganizationRef},
    service::{Me, OrganizationsService},
};
use crate::{
    error::OrganizationsError,
    permissions::{ManageOrganization, ViewOrganization},
};

type Organizations = web::Data<dyn OrganizationsService>;

pub(crate) fn routes() -> Routes {
    const USER: Access = Access::user();
    const VIEW: Access = Access::path_organization::<ViewOrganization>();
    const MANAGE: Access = Access::path_organization::<ManageOrganization>();

    Routes::new()
        .get("/api/auth/me", USER.or_unverified(), me)
        .operation("get_me", "The caller, and the caller's memberships")
        .list("/api/organizations", USER, list)
        .operation("list_organizations", "The caller's organizations")
        .post("/api/organizations", USER.session_only(), create)
        .operation("create_organization", "Create an organization, and own it")
        .sample(|values| json!({"name": values.text, "slug": format!("new-{}", values.number)}))
        .records(&[OrganizationCreated::NAME, UserJoinedOrganization::NAME])
        .errors([
            OrganizationsError::SlugTaken,
            OrganizationsError::CreationDisabled,
            OrganizationsError::OrganizationLimitReached(0),
        ])
        .get(
            "/api/organizations/current",
            Access::tenant::<ViewOrganization>(),
            get,
        )
        .operation(
            "get_current_organization",
            "The organization that the request acts in",
        )
        .get("/api/organizations/{organization_id}", VIEW, get)
        .operation("get_organization", "An organization")
        .patch("/api/organizations/{organization_id}", MANAGE, rename)
        .operation("rename_organization", "Change an organization's name")
        .sample(|values| json!({"name": values.another_text()}))
        .records(&[OrganizationRenamed::NAME])
        .post(
            "/api/organizations/{organization_id}/switch",
            VIEW.session_only(),
            switch,
        )
        .operation("switch_organization", "Make it the session's organization")
        .records(&[])
}

request! {
    /// Which of the caller's organizations to list.
    struct OrganizationsQuery {
        /// Only those whose name or slug contains this text, in any case.
        q: Option<SearchText>,
        /// The page size.
        limit: Option<PageSize>,
        /// The cursor of the previous page.
        cursor: Option<String>,
    }
}

request! {
    /// An organization to create.
    struct CreateOrganization {
        /// Its name.
        name: Name,
        /// Its slug, which names it in headers; derived from the name if absent.
        slug: Option<Slug>,
    }
}

request! {
    /// A new name.
    struct RenameOrganization {
        /// The new name.
        name: Name,
    }
}

async fn list(
    Authorized(caller): Authorized<Caller>,
    Query(query): Query<OrganizationsQuery>,
    organizations: Organizations,
) -> Result<web::Json<Page<MyOrganization>>, Problem> {
    let text = query.q.map(SearchText::into_text);
    let request = PageRequest {
        limit: query.limit.unwrap_or_default(),
        cursor: query.cursor,
    };
    let found = organizations.search_mine(&caller, text.as_deref(), &request);
    Ok(web::Json(found.await?))
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
    let created = organizations.create(&caller, new).await;
    Ok(Created::new(created.map_err(problem)?))
}

/// A reserved slug is an invalid field.
fn problem(error: OrganizationsError) -> Problem {
    if !matches!(error, OrganizationsError::SlugReserved) {
        return error.into();
    }
    let field = InvalidField {
        pointer: "/slug".to_owned(),
        message: "is a reserved word".into(),
    };
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        error.code(),
        "some fields are not valid",
    )
    .with_errors(vec![field])
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

/// The session's new organization.
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

/// One of the caller's memberships.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OwnMembership")]
struct MembershipBody {
    /// The organization.
    organization: OrganizationRef,
    /// The caller's role.
    role: tenantry_core::access::Role,
}

/// The kind of the deployment.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Deployment")]
struct DeploymentBody {
    /// For many organizations, or for one.
    #[schemars(extend("enum" = ["saas", "dedicated"]))]
    mode: &'static str,
    /// Whether there can be more than one organization.
    multi_org_enabled: bool,
}

/// The caller, and the caller's memberships.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Me")]
struct MeBody {
    /// The account's id.
    id: tenantry_core::id::UserId,
    /// Its e-mail address.
    email: String,
    /// Whether its owner confirmed the address.
    email_verified: bool,
    /// The person's name.
    name: Name,
    /// Whether the caller is a superuser.
    is_superuser: bool,
    /// The caller's oldest memberships, at most 100.
    memberships: Vec<MembershipBody>,
    /// Whether the caller has more; the list of organizations has all of them.
    memberships_truncated: bool,
    /// The organization that a request without a header acts in.
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
        memberships_truncated,
        current_organization,
    } = organizations.me(&caller).await?;
    let memberships = memberships.into_iter().map(|own| MembershipBody {
        role: own.role,
        organization: own.into(),
    });
    Ok(web::Json(MeBody {
        id: user.id,
        email: user.email.to_string(),
        email_verified: user.email_verified,
        name: user.name,
        is_superuser: user.is_superuser,
        memberships: memberships.collect(),
        memberships_truncated,
        current_organization: current_organization.map(OrganizationRef::from),
        deployment: DeploymentBody {
            mode: deployment.mode(),
            multi_org_enabled: deployment.multi_org_enabled(),
        },
    }))
}
