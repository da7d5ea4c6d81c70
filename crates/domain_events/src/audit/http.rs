//! The routes.

use std::str::FromStr;

use actix_web::{Responder, web};
use tenantry_core::{
    access::{SessionCaller, TenantContext},
    clock::Timestamp,
    http::{Access, Problem, Query, Routes},
    id::UserId,
    page::{Limit, PageRequest},
    request, text_field,
    value::{InvalidText, parse_line},
};

use super::{AuditFilter, AuditLog, ViewAuditLog};

/// The module's routes.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .list(
            "/api/organizations/{organization_id}/audit-log",
            Access::path_organization::<ViewAuditLog>(),
            list,
        )
        .list(
            "/api/auth/activity",
            Access::user().by_session_only(),
            activity,
        )
}

text_field!(Action);

/// The wire name of an event, of one that is known or not.
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
        action: Option<Action>,
        actor: Option<UserId>,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        limit: Option<Limit>,
        cursor: Option<String>,
    }
}

request! {
    /// Which entries of one's own to list.
    struct ActivityQuery {
        action: Option<Action>,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        limit: Option<Limit>,
        cursor: Option<String>,
    }
}

async fn list(
    ctx: TenantContext,
    Query(query): Query<ListQuery>,
    log: web::Data<dyn AuditLog>,
) -> Result<impl Responder, Problem> {
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
    caller: SessionCaller,
    Query(query): Query<ActivityQuery>,
    log: web::Data<dyn AuditLog>,
) -> Result<impl Responder, Problem> {
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
