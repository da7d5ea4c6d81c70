//! The routes.

use std::str::FromStr;

use actix_web::web;
use tenantry_core::{
    access::{SessionCaller, TenantContext},
    clock::Timestamp,
    id::UserId,
    page::{Page, PageRequest, PageSize},
    request, text_field,
    value::{InvalidText, NOT_BLANK, parse_line},
};
use tenantry_http::{Access, Authorized, Problem, Query, Routes};

use crate::{AuditEntry, AuditFilter, AuditLog, ViewAuditLog};

/// The module's routes.
#[must_use]
pub(crate) fn routes() -> Routes {
    Routes::new()
        .list(
            "/api/organizations/{organization_id}/audit-log",
            Access::path_organization::<ViewAuditLog>(),
            list,
        )
        .operation(
            "list_audit_log",
            "What was done in the organization, the newest first",
        )
        .list(
            "/api/auth/activity",
            Access::user().session_only().or_unverified(),
            activity,
        )
        .operation(
            "list_own_activity",
            "What happened to the caller's own account, the newest first",
        )
}

text_field!(Action, { "minLength": 1, "maxLength": 100, "pattern": NOT_BLANK });

/// The wire name of an event, known or unknown.
#[derive(Debug)]
struct Action(String);

impl FromStr for Action {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_line(text, 100)
            .map(Self)
            .ok_or(InvalidText("must be 1 to 100 characters"))
    }
}

request! {
    /// Which entries to list.
    struct ListQuery {
        /// Only events of this wire name.
        action: Option<Action>,
        /// Only events by this actor.
        actor: Option<UserId>,
        /// Only events at or after this moment.
        from: Option<Timestamp>,
        /// Only events before this moment.
        to: Option<Timestamp>,
        /// The page size.
        limit: Option<PageSize>,
        /// The cursor of the previous page.
        cursor: Option<String>,
    }
}

request! {
    /// Which entries of the caller's account to list.
    struct ActivityQuery {
        /// Only events of this wire name.
        action: Option<Action>,
        /// Only events at or after this moment.
        from: Option<Timestamp>,
        /// Only events before this moment.
        to: Option<Timestamp>,
        /// The page size.
        limit: Option<PageSize>,
        /// The cursor of the previous page.
        cursor: Option<String>,
    }
}

async fn list(
    Authorized(ctx): Authorized<TenantContext>,
    Query(query): Query<ListQuery>,
    log: web::Data<dyn AuditLog>,
) -> Result<web::Json<Page<AuditEntry>>, Problem> {
    let wanted = AuditFilter {
        action: query.action.map(|action| action.0),
        actor: query.actor,
        from: query.from,
        to: query.to,
    };
    let request = PageRequest {
        limit: query.limit.unwrap_or_default(),
        cursor: query.cursor,
    };
    Ok(web::Json(log.list(&ctx, &wanted, &request).await?))
}

async fn activity(
    Authorized(caller): Authorized<SessionCaller>,
    Query(query): Query<ActivityQuery>,
    log: web::Data<dyn AuditLog>,
) -> Result<web::Json<Page<AuditEntry>>, Problem> {
    let wanted = AuditFilter {
        action: query.action.map(|action| action.0),
        actor: None,
        from: query.from,
        to: query.to,
    };
    let request = PageRequest {
        limit: query.limit.unwrap_or_default(),
        cursor: query.cursor,
    };
    Ok(web::Json(log.activity(&caller, &wanted, &request).await?))
}
