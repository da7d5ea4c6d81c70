//! The members of the organizations that an operator may see.

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::{Operator, Role, SessionCaller},
    id::OrganizationId,
    page::PageRequest,
    request,
};
use tenantry_http::{Authorized, Query};
use tenantry_organizations::{MemberDetails, MemberFilter};

use super::tabs::TABS;
use crate::{
    Services,
    fields::Filled,
    frame::Frame,
    html::{Answer, Reply},
};

request! {
    /// Which members to show.
    pub(super) struct MembersQuery {
        /// Only those with this role.
        role: Option<Filled<Role>>,
        /// Only those of this organization.
        organization: Option<Filled<OrganizationId>>,
        /// The cursor of the previous page.
        cursor: Option<String>,
    }
}

#[derive(Template)]
#[template(path = "admin/members.html")]
struct MembersPage {
    frame: Frame,
    tab: &'static str,
    is_superuser: bool,
    members: Vec<MemberDetails>,
    role: Option<Role>,
    organization: Option<OrganizationId>,
    is_first_page: bool,
    first_page: String,
    next_page: Option<String>,
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(operator): Authorized<Operator>,
    Authorized(caller): Authorized<SessionCaller>,
    Query(query): Query<MembersQuery>,
) -> Answer {
    let wanted = MemberFilter {
        role: query.role.and_then(|role| role.0),
        organization: query.organization.and_then(|organization| organization.0),
    };
    let request = PageRequest {
        cursor: query.cursor,
        ..PageRequest::default()
    };
    let operators = &web.organizations.operators;
    let page = operators
        .search_members(&operator, wanted, &request)
        .await?;
    let organization = wanted.organization.map(|id| id.to_string());
    let filter = format!(
        "/admin/members?role={}&organization={}",
        wanted.role.map_or("", Role::as_str),
        organization.unwrap_or_default(),
    );
    Reply::page(&MembersPage {
        frame: Frame::admin(&web, &caller, None).await?,
        tab: "/admin/members",
        is_superuser: operator.is_superuser(),
        members: page.items,
        role: wanted.role,
        organization: wanted.organization,
        is_first_page: request.cursor.is_none(),
        next_page: page
            .next_cursor
            .map(|cursor| format!("{filter}&cursor={cursor}")),
        first_page: filter,
    })
}
