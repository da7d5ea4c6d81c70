//! The organizations that an operator may see.

use actix_web::web;
use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tenantry_core::{
    access::{Operator, SessionCaller},
    page::PageRequest,
    request,
    value::SearchText,
};
use tenantry_http::{Authorized, Query};
use tenantry_organizations::{Organization, OrganizationFilter};

use super::tabs::TABS;
use crate::{
    Services,
    fields::Filled,
    frame::Frame,
    html::{Answer, Reply},
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
    organizations: Vec<Organization>,
    search: String,
    is_active: Option<bool>,
    is_first_page: bool,
    first_page: String,
    next_page: Option<String>,
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(operator): Authorized<Operator>,
    Authorized(caller): Authorized<SessionCaller>,
    Query(query): Query<OrganizationsQuery>,
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
    let filter = format!(
        "/admin/organizations?q={}&is_active={}",
        utf8_percent_encode(&search, NON_ALPHANUMERIC),
        wanted
            .is_active
            .map_or("", |active| if active { "true" } else { "false" }),
    );
    Reply::page(&OrganizationsPage {
        frame: Frame::admin(&web, &caller, None).await?,
        tab: "/admin/organizations",
        is_superuser: operator.is_superuser(),
        organizations: page.items,
        search,
        is_active: wanted.is_active,
        is_first_page: request.cursor.is_none(),
        next_page: page
            .next_cursor
            .map(|cursor| format!("{filter}&cursor={cursor}")),
        first_page: filter,
    })
}
