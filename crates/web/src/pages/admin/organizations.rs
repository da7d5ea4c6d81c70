//! The organizations that an operator may see.

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::{Operator, SessionCaller},
    page::PageRequest,
    request,
    value::SearchText,
};
use tenantry_http::{Authorized, LenientQuery};
use tenantry_organizations::{OrganizationDetails, OrganizationFilter};

use super::tabs::TABS;
use crate::{
    Services,
    fields::Filled,
    frame::Frame,
    html::{Answer, Reply},
    paging::Paging,
};

request! {
    /// Which organizations to show.
    pub(super) struct OrganizationsQuery {
        /// Only those whose name or slug contains this text.
        q: Option<Filled<SearchText>>,
        /// Only active, or only disabled ones.
        is_active: Option<Filled<bool>>,
        /// The cursor of the previous page.
        cursor: Option<String>,
    }
}

#[derive(Template)]
#[template(path = "admin/organizations.html")]
struct OrganizationsPage {
    frame: Frame,
    tab: &'static str,
    is_superuser: bool,
    organizations: Vec<OrganizationDetails>,
    search: String,
    is_active: Option<bool>,
    paging: Paging,
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(operator): Authorized<Operator>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(query): LenientQuery<OrganizationsQuery>,
) -> Answer {
    let wanted = OrganizationFilter {
        text: query.q.and_then(|text| text.0).map(SearchText::into_text),
        is_active: query.is_active.and_then(|active| active.0),
    };
    let request = PageRequest {
        cursor: query.cursor,
        ..PageRequest::default()
    };
    let operators = &web.organizations.operators;
    let page = operators
        .search_organizations(&operator, &wanted, &request)
        .await?;
    let search = wanted.text.unwrap_or_default();
    let is_active = wanted.is_active.map(|is_active| is_active.to_string());
    let filters = [
        ("q", &*search),
        ("is_active", is_active.as_deref().unwrap_or_default()),
    ];
    let next = page.next_cursor.as_deref();
    Reply::page(&OrganizationsPage {
        paging: Paging::new("/admin/organizations", &filters, &request, next),
        frame: Frame::admin(&web, &caller, None).await?,
        tab: "/admin/organizations",
        is_superuser: operator.is_superuser(),
        organizations: page.items,
        search,
        is_active: wanted.is_active,
    })
}
