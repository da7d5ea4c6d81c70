//! The routes of operators. For other callers they do not exist.

use actix_web::{http::StatusCode, web};
use serde_json::json;
use tenantry_core::{
    access::{Actor, Operator, Role},
    event::DomainEvent as _,
    id::{MembershipId, OrganizationId, UserId},
    input::{InvalidField, NullablePatch, Patch},
    page::{Page, PageQuery, PageRequest, PageSize},
    request,
    value::{Reason, SearchText},
};
use tenantry_domain_events::events::organizations::{LimitsChanged, ReportViewed};
use tenantry_http::{Access, Authorized, Body, PathId, Problem, Query, Routes};
use tenantry_users::{User, UserFilter, UsersError};

use super::{
    model::{
        AccountDetails, LimitsChange, MemberDetails, MemberFilter, OrganizationActivity,
        OrganizationChange, OrganizationDetails, OrganizationFilter, OrganizationState,
    },
    service::OperatorsService,
};
use crate::{
    error::OrganizationsError,
    membership::{
        members::service::MembersService,
        model::{Force, NewOwner},
    },
    organization::{model::Organization, quotas::model::MaxCount},
};

type Operators = web::Data<dyn OperatorsService>;

pub(crate) fn routes() -> Routes {
    const STAFF: Access = Access::staff();
    const SUPERUSER: Access = Access::superuser();

    Routes::new()
        .list("/api/admin/organizations", STAFF, organizations)
        .operation("list_all_organizations", "Organizations, for operators")
        .patch(
            "/api/admin/organizations/{id}",
            SUPERUSER,
            change_organization,
        )
        .operation(
            "change_organization",
            "Disable, enable or limit an organization, or give it an owner",
        )
        .sample(|values| json!({"limits": {"projects": 100_000 + values.number}}))
        .records(&[LimitsChanged::NAME])
        .errors([
            OrganizationsError::NotFound,
            OrganizationsError::MemberNotFound,
            OrganizationsError::OwnerExists,
            OrganizationsError::OwnerInactive,
        ])
        .list("/api/admin/members", STAFF, members)
        .operation("list_all_members", "Members, for operators")
        .list("/api/admin/users", SUPERUSER, users)
        .operation("list_users", "Accounts")
        .get("/api/admin/users/{id}", SUPERUSER, user)
        .operation("get_user", "An account")
        .errors([UsersError::UserNotFound])
        .patch("/api/admin/users/{id}", SUPERUSER, change_user)
        .operation("change_user", "Disable or enable an account")
        .sample(|_| json!({"is_active": true}))
        .records(&[])
        .errors([UsersError::UserNotFound])
        .errors([
            OrganizationsError::LastOwner,
            OrganizationsError::OwnAccount,
        ])
        .list("/api/reports/organizations", SUPERUSER, report)
        .operation("report_organizations", "How much each organization is used")
        .records(&[ReportViewed::NAME])
}

request! {
    /// Which organizations to list.
    struct OrganizationsQuery {
        /// Only those whose name or slug contains this text.
        q: Option<SearchText>,
        /// Only active, or only disabled ones.
        is_active: Option<bool>,
        /// The page size.
        limit: Option<PageSize>,
        /// The cursor of the previous page.
        cursor: Option<String>,
    }
}

request! {
    /// Which accounts to list.
    struct UsersQuery {
        /// Only those whose name or address contains this text.
        q: Option<SearchText>,
        /// Only active, or only disabled ones.
        is_active: Option<bool>,
        /// Only operators, or only other people.
        is_operator: Option<bool>,
        /// The page size.
        limit: Option<PageSize>,
        /// The cursor of the previous page.
        cursor: Option<String>,
    }
}

request! {
    /// Which members to list.
    struct MembersQuery {
        /// Only people whose name or address contains this text.
        q: Option<SearchText>,
        /// Only those with this role.
        role: Option<Role>,
        /// Only those of this organization.
        organization_id: Option<OrganizationId>,
        /// The page size.
        limit: Option<PageSize>,
        /// The cursor of the previous page.
        cursor: Option<String>,
    }
}

request! {
    /// Changes of an organization.
    struct ChangeOrganization {
        /// Whether it is active.
        is_active: Patch<bool>,
        /// Why it is disabled, for its audit log.
        reason: Patch<Reason>,
        /// Its limits.
        limits: Patch<ChangeLimits>,
        /// The member who becomes its owner, if it has no active one.
        owner_member_id: Patch<MembershipId>,
    }
}

request! {
    /// Changes of the limits.
    struct ChangeLimits {
        /// The maximum number of members; `null` for no limit.
        seats: NullablePatch<MaxCount>,
        /// The maximum number of projects; `null` for no limit.
        projects: NullablePatch<MaxCount>,
    }
}

request! {
    /// Changes of an account.
    struct ChangeUser {
        /// Whether the user may sign in.
        is_active: Patch<bool>,
        /// Disables the only active owner of an organization, too.
        force: Patch<bool>,
    }
}

fn page(limit: Option<PageSize>, cursor: Option<String>) -> PageRequest {
    PageRequest {
        limit: limit.unwrap_or_default(),
        cursor,
    }
}

async fn organizations(
    Authorized(operator): Authorized<Operator>,
    Query(query): Query<OrganizationsQuery>,
    operators: Operators,
) -> Result<web::Json<Page<OrganizationDetails>>, Problem> {
    let wanted = OrganizationFilter {
        text: query.q.map(SearchText::into_text),
        is_active: query.is_active,
    };
    let request = page(query.limit, query.cursor);
    let found = operators.search_organizations(&operator, &wanted, &request);
    Ok(web::Json(found.await?))
}

async fn change_organization(
    Authorized(operator): Authorized<Operator>,
    id: PathId<OrganizationId>,
    Body(body): Body<ChangeOrganization>,
    operators: Operators,
) -> Result<web::Json<Organization>, Problem> {
    let id = id.or(OrganizationsError::NotFound)?;
    let limits = body.limits.0.map(|limits| LimitsChange {
        seats: limits.seats.0,
        projects: limits.projects.0,
    });
    let state = match (body.is_active.0, body.reason.0) {
        (Some(false), reason) => Some(OrganizationState::Disabled { reason }),
        (_, Some(_)) => return Err(only_for_disabling("/reason", "an organization")),
        (Some(true), None) => Some(OrganizationState::Active),
        (None, None) => None,
    };
    let change = OrganizationChange {
        state,
        limits: limits.unwrap_or_default(),
        owner: body.owner_member_id.0.map(NewOwner::Member),
    };
    let changed = operators.change_organization(id, change, Actor::from(&operator));
    Ok(web::Json(changed.await?))
}

async fn members(
    Authorized(operator): Authorized<Operator>,
    Query(query): Query<MembersQuery>,
    operators: Operators,
) -> Result<web::Json<Page<MemberDetails>>, Problem> {
    let wanted = MemberFilter {
        person: query.q.map(SearchText::into_text),
        role: query.role,
        organization: query.organization_id,
        organization_text: None,
    };
    let request = page(query.limit, query.cursor);
    let found = operators.search_members(&operator, &wanted, &request);
    Ok(web::Json(found.await?))
}

async fn users(
    Authorized(operator): Authorized<Operator>,
    Query(query): Query<UsersQuery>,
    operators: Operators,
) -> Result<web::Json<Page<AccountDetails>>, Problem> {
    let wanted = UserFilter {
        text: query.q.map(SearchText::into_text),
        is_active: query.is_active,
        is_operator: query.is_operator,
    };
    let request = page(query.limit, query.cursor);
    let found = operators.search_users(&operator, &wanted, &request);
    Ok(web::Json(found.await?))
}

async fn user(
    Authorized(operator): Authorized<Operator>,
    id: PathId<UserId>,
    operators: Operators,
) -> Result<web::Json<AccountDetails>, Problem> {
    let id = id.or(UsersError::UserNotFound)?;
    let found = operators.view_user(&operator, id);
    Ok(web::Json(found.await?))
}

async fn change_user(
    Authorized(operator): Authorized<Operator>,
    id: PathId<UserId>,
    Body(body): Body<ChangeUser>,
    operators: Operators,
    members: web::Data<dyn MembersService>,
) -> Result<web::Json<User>, Problem> {
    let id = id.or(UsersError::UserNotFound)?;
    let actor = Actor::from(&operator);
    Ok(web::Json(match (body.is_active.0, body.force.0) {
        (Some(false), Some(true)) => members.disable_user(id, Force::Yes, actor).await?.user,
        (_, Some(true)) => return Err(only_for_disabling("/force", "an account")),
        (Some(is_active), _) => members.set_user_active(id, is_active, actor).await?,
        (None, _) => operators.view_user(&operator, id).await?.user,
    }))
}

fn only_for_disabling(pointer: &str, what: &str) -> Problem {
    let field = InvalidField {
        pointer: pointer.to_owned(),
        message: format!("is for disabling {what} only").into(),
    };
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "validation_failed",
        "some fields are not valid",
    )
    .with_errors(vec![field])
}

async fn report(
    Authorized(operator): Authorized<Operator>,
    Query(query): Query<PageQuery>,
    operators: Operators,
) -> Result<web::Json<Page<OrganizationActivity>>, Problem> {
    Ok(web::Json(operators.report(&operator, &query.into()).await?))
}
