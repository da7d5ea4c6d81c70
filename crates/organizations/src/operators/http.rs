//! The routes of operators. To everybody else they do not exist.

use std::str::FromStr;

use actix_web::{Responder, web};
use tenantry_core::{
    access::{Actor, Operator, Role},
    http::{Access, Body, Change, Clearable, PathId, Problem, Query, Routes},
    id::{OrganizationId, UserId},
    page::{Limit, PageQuery, PageRequest},
    request, text_field,
    value::{InvalidText, parse_line},
};
use tenantry_users::{UserFilter, UsersError};

use super::{LimitsChange, MemberFilter, OrganizationChange, OrganizationFilter};
use crate::{MaxCount, OrganizationsError, OrganizationsService};

type Organizations = web::Data<dyn OrganizationsService>;

pub(crate) fn routes() -> Routes {
    const STAFF: Access = Access::staff();
    const SUPERUSER: Access = Access::superuser();

    Routes::new()
        .list("/api/admin/organizations", STAFF, organizations)
        .patch(
            "/api/admin/organizations/{id}",
            SUPERUSER,
            change_organization,
        )
        .list("/api/admin/members", STAFF, members)
        .list("/api/admin/users", SUPERUSER, users)
        .get("/api/admin/users/{id}", SUPERUSER, user)
        .patch("/api/admin/users/{id}", SUPERUSER, change_user)
        .list("/api/reports/organizations", SUPERUSER, report)
}

text_field!(Search);

/// What to look for.
#[derive(Debug)]
struct Search(String);

impl FromStr for Search {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_line(text, 255)
            .map(Self)
            .ok_or(InvalidText("must be 1 to 255 characters"))
    }
}

request! {
    /// Which organizations or accounts to list.
    struct ListQuery {
        q: Option<Search>,
        is_active: Option<bool>,
        limit: Option<Limit>,
        cursor: Option<String>,
    }
}

request! {
    /// Which members to list.
    struct MembersQuery {
        role: Option<Role>,
        organization_id: Option<OrganizationId>,
        limit: Option<Limit>,
        cursor: Option<String>,
    }
}

request! {
    /// What to change of an organization.
    struct ChangeOrganization {
        is_active: Change<bool>,
        limits: Change<ChangeLimits>,
    }
}

request! {
    /// What to change of its limits.
    struct ChangeLimits {
        seats: Clearable<MaxCount>,
        projects: Clearable<MaxCount>,
    }
}

request! {
    /// What to change of an account.
    struct ChangeUser {
        is_active: Change<bool>,
    }
}

fn page(limit: Option<Limit>, cursor: Option<String>) -> PageRequest {
    PageRequest {
        limit: limit.unwrap_or_default(),
        cursor,
    }
}

async fn organizations(
    operator: Operator,
    Query(query): Query<ListQuery>,
    organizations: Organizations,
) -> Result<impl Responder, Problem> {
    let wanted = OrganizationFilter {
        text: query.q.map(|Search(text)| text),
        is_active: query.is_active,
    };
    let request = page(query.limit, query.cursor);
    let found = organizations.look_for_organizations(&operator, &wanted, &request);
    Ok(web::Json(found.await?))
}

async fn change_organization(
    operator: Operator,
    id: PathId<OrganizationId>,
    Body(body): Body<ChangeOrganization>,
    organizations: Organizations,
) -> Result<impl Responder, Problem> {
    let id = id.or(OrganizationsError::NotFound)?;
    let limits = body.limits.0.map(|limits| LimitsChange {
        seats: limits.seats.0,
        projects: limits.projects.0,
    });
    let change = OrganizationChange {
        is_active: body.is_active.0,
        limits: limits.unwrap_or_default(),
    };
    let changed = organizations.change_organization(id, change, Actor::from(&operator));
    Ok(web::Json(changed.await?))
}

async fn members(
    operator: Operator,
    Query(query): Query<MembersQuery>,
    organizations: Organizations,
) -> Result<impl Responder, Problem> {
    let wanted = MemberFilter {
        role: query.role,
        organization: query.organization_id,
    };
    let request = page(query.limit, query.cursor);
    let found = organizations.look_for_members(&operator, wanted, &request);
    Ok(web::Json(found.await?))
}

async fn users(
    operator: Operator,
    Query(query): Query<ListQuery>,
    organizations: Organizations,
) -> Result<impl Responder, Problem> {
    let wanted = UserFilter {
        text: query.q.map(|Search(text)| text),
        is_active: query.is_active,
    };
    let request = page(query.limit, query.cursor);
    let found = organizations.look_for_users(&operator, &wanted, &request);
    Ok(web::Json(found.await?))
}

async fn user(
    operator: Operator,
    id: PathId<UserId>,
    organizations: Organizations,
) -> Result<impl Responder, Problem> {
    let id = id.or(UsersError::UnknownUser)?;
    let found = organizations.look_at_user(&operator, id);
    Ok(web::Json(found.await?))
}

async fn change_user(
    operator: Operator,
    id: PathId<UserId>,
    Body(body): Body<ChangeUser>,
    organizations: Organizations,
) -> Result<impl Responder, Problem> {
    let id = id.or(UsersError::UnknownUser)?;
    let actor = Actor::from(&operator);
    Ok(web::Json(match body.is_active.0 {
        Some(is_active) => organizations.set_user_active(id, is_active, actor).await?,
        None => organizations.look_at_user(&operator, id).await?,
    }))
}

async fn report(
    operator: Operator,
    Query(query): Query<PageQuery>,
    organizations: Organizations,
) -> Result<impl Responder, Problem> {
    Ok(web::Json(
        organizations.report(&operator, &query.into()).await?,
    ))
}
