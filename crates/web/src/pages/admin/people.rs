//! The accounts of the deployment.

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::{Operator, SessionCaller},
    page::PageRequest,
    request,
    value::SearchText,
};
use tenantry_http::{Authorized, LenientQuery};
use tenantry_organizations::AccountDetails;
use tenantry_users::UserFilter;

use super::tabs::TABS;
use crate::{
    Services,
    fields::Filled,
    frame::Frame,
    html::{Answer, Reply},
    paging::Paging,
};

request! {
    /// Which accounts to show.
    pub(super) struct PeopleQuery {
        /// Only those whose name or address contains this text.
        q: Option<Filled<SearchText>>,
        /// Only active, or only disabled ones.
        is_active: Option<Filled<bool>>,
        /// Only operators, or only other people.
        is_operator: Option<Filled<bool>>,
        /// The cursor of the previous page.
        cursor: Option<String>,
    }
}

#[derive(Template)]
#[template(path = "admin/people.html")]
struct PeoplePage {
    frame: Frame,
    tab: &'static str,
    is_superuser: bool,
    people: Vec<AccountDetails>,
    search: String,
    is_active: Option<bool>,
    is_operator: Option<bool>,
    paging: Paging,
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(operator): Authorized<Operator>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(query): LenientQuery<PeopleQuery>,
) -> Answer {
    let wanted = UserFilter {
        text: query.q.and_then(|text| text.0).map(SearchText::into_text),
        is_active: query.is_active.and_then(|active| active.0),
        is_operator: query.is_operator.and_then(|operator| operator.0),
    };
    let request = PageRequest {
        cursor: query.cursor,
        ..PageRequest::default()
    };
    let operators = &web.organizations.operators;
    let page = operators.search_users(&operator, &wanted, &request).await?;
    let search = wanted.text.unwrap_or_default();
    let is_active = wanted.is_active.map(|is_active| is_active.to_string());
    let is_operator = wanted.is_operator.map(|operator| operator.to_string());
    let filters = [
        ("q", &*search),
        ("is_active", is_active.as_deref().unwrap_or_default()),
        ("is_operator", is_operator.as_deref().unwrap_or_default()),
    ];
    let next = page.next_cursor.as_deref();
    Reply::page(&PeoplePage {
        paging: Paging::new("/admin/people", &filters, &request, next),
        frame: Frame::admin(&web, &caller, None).await?,
        tab: "/admin/people",
        is_superuser: true,
        people: page.items,
        search,
        is_active: wanted.is_active,
        is_operator: wanted.is_operator,
    })
}
