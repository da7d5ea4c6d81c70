//! The members of the organizations that an operator may see.

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::{Operator, Role, SessionCaller},
    id::OrganizationId,
    page::PageRequest,
    request,
    value::SearchText,
};
use tenantry_http::{Authorized, LenientQuery};
use tenantry_organizations::{MemberDetails, MemberFilter};

use super::tabs::TABS;
use crate::{
    Services,
    fields::Filled,
    frame::Frame,
    html::{Answer, Reply},
    paging::Paging,
};

request! {
    /// Which members to show.
    pub(super) struct MembersQuery {
        /// Only people whose name or address contains this text.
        q: Option<Filled<SearchText>>,
        /// Only those with this role.
        role: Option<Filled<Role>>,
        /// Only those of this organization.
        organization: Option<Filled<OrganizationId>>,
        /// Only those of organizations whose name or slug contains this text.
        organization_name: Option<Filled<SearchText>>,
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
    search: String,
    organization_name: String,
    role: Option<Role>,
    organization: Option<OrganizationId>,
    paging: Paging,
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(operator): Authorized<Operator>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(query): LenientQuery<MembersQuery>,
) -> Answer {
    let text =
        |text: Option<Filled<SearchText>>| text.and_then(|text| text.0).map(SearchText::into_text);
    let wanted = MemberFilter {
        person: text(query.q),
        organization_text: text(query.organization_name),
        role: query.role.and_then(|role| role.0),
        organization: query.organization.and_then(|organization| organization.0),
    };
    let request = PageRequest {
        cursor: query.cursor,
        ..PageRequest::default()
    };
    let operators = &web.organizations.operators;
    let page = operators
        .search_members(&operator, &wanted, &request)
        .await?;
    let organization = wanted.organization.map(|id| id.to_string());
    let search = wanted.person.unwrap_or_default();
    let organization_name = wanted.organization_text.unwrap_or_default();
    let filters = [
        ("q", &*search),
        ("organization_name", &*organization_name),
        ("role", wanted.role.map_or("", Role::as_str)),
        ("organization", organization.as_deref().unwrap_or_default()),
    ];
    let next = page.next_cursor.as_deref();
    Reply::page(&MembersPage {
        paging: Paging::new("/admin/members", &filters, &request, next),
        frame: Frame::admin(&web, &caller, None).await?,
        tab: "/admin/members",
        is_superuser: operator.is_superuser(),
        members: page.items,
        search,
        organization_name,
        role: wanted.role,
        organization: wanted.organization,
    })
}
