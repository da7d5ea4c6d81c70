//! Rows of other modules, one organization at a time. Operators read them and change nothing.

use std::sync::Arc;

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::{Operator, SessionCaller},
    id::OrganizationId,
    page::{PageRequest, PageSize},
    request,
    value::SearchText,
};
use tenantry_http::{Authorized, LenientQuery, Problem};
use tenantry_module::{OperatorCell, OperatorTable};
use tenantry_organizations::{OrganizationFilter, OrganizationName, OrganizationsError};

use super::tabs::TABS;
use crate::{
    Services,
    fields::{Filled, TableName},
    frame::Frame,
    html::{Answer, Reply},
    paging::Paging,
};

/// How many rows of each organization a page of several shows.
const FIRST_ROWS: u32 = 5;

/// How many pages of organizations are looked into until one has a row.
const MOST_PAGES: usize = 8;

request! {
    /// Which rows to show.
    pub(super) struct RowsQuery {
        /// The table; the first one if absent.
        table: Option<TableName>,
        /// Only those of this organization.
        organization: Option<Filled<OrganizationId>>,
        /// Only those of organizations whose name or slug contains this text.
        organization_name: Option<Filled<SearchText>>,
        /// Only those that contain this text.
        q: Option<Filled<SearchText>>,
        /// The cursor of the previous page.
        cursor: Option<String>,
    }
}

#[derive(Template)]
#[template(path = "admin/rows.html")]
struct RowsPage {
    frame: Frame,
    tab: &'static str,
    is_superuser: bool,
    title: &'static str,
    columns: &'static [&'static str],
    rows: Vec<Row>,
    search: String,
    organization_name: String,
    organization: Option<OrganizationName>,
    paging: Paging,
}

/// A row, or a link to further ones of its organization.
struct Row {
    organization: OrganizationName,
    cells: Option<Vec<OperatorCell>>,
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(operator): Authorized<Operator>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(query): LenientQuery<RowsQuery>,
) -> Answer {
    let name = query.table.map(|table| table.0);
    let mut tables = web.tables.iter();
    let table = tables.find(|table| name.as_deref().is_none_or(|name| name == table.name()));
    let table: &Arc<dyn OperatorTable> = table.ok_or(OrganizationsError::RouteNotFound)?;
    let text =
        |text: Option<Filled<SearchText>>| text.and_then(|text| text.0).map(SearchText::into_text);
    let search = text(query.q);
    let wanted = OrganizationFilter {
        text: text(query.organization_name),
        ..OrganizationFilter::default()
    };
    let organization = query.organization.and_then(|id| id.0);
    let request = PageRequest {
        cursor: query.cursor,
        ..PageRequest::default()
    };
    let (rows, next, of_one) = match organization {
        Some(id) => {
            let operators = &web.organizations.operators;
            let view = operators.look_into(&operator, id).await?;
            let page = table
                .rows(&view.context, search.as_deref(), &request)
                .await?;
            let rows = page.items.into_iter().map(|cells| Row {
                organization: view.organization.clone(),
                cells: Some(cells),
            });
            (rows.collect(), page.next_cursor, Some(view.organization))
        }
        None => {
            let looked = Looked {
                operator: &operator,
                wanted: &wanted,
                search: search.as_deref(),
            };
            let (rows, next) = looked.first_rows(&web, &**table, &request).await?;
            (rows, next, None)
        }
    };
    let search = search.unwrap_or_default();
    let organization_name = wanted.text.unwrap_or_default();
    let id = of_one
        .as_ref()
        .map(|organization| organization.id.to_string());
    let filters = [
        ("table", table.name()),
        ("organization", id.as_deref().unwrap_or_default()),
        ("organization_name", &*organization_name),
        ("q", &*search),
    ];
    Reply::page(&RowsPage {
        paging: Paging::new("/admin/rows", &filters, &request, next.as_deref()),
        frame: Frame::admin(&web, &caller, None).await?,
        tab: table.name(),
        is_superuser: operator.is_superuser(),
        title: table.title(),
        columns: table.columns(),
        rows,
        search,
        organization_name,
        organization: of_one,
    })
}

/// What an operator looks for in several organizations.
struct Looked<'a> {
    operator: &'a Operator,
    wanted: &'a OrganizationFilter,
    search: Option<&'a str>,
}

impl Looked<'_> {
    /// The first rows of each of the organizations of a page, and of the next pages if they have none.
    async fn first_rows(
        &self,
        web: &Services,
        table: &dyn OperatorTable,
        request: &PageRequest,
    ) -> Result<(Vec<Row>, Option<String>), Problem> {
        let operators = &web.organizations.operators;
        let first = PageRequest {
            limit: PageSize::new(FIRST_ROWS).unwrap_or_default(),
            cursor: None,
        };
        let mut request = request.clone();
        let mut rows = Vec::new();
        for _ in 0..MOST_PAGES {
            let views = operators
                .look_into_all(self.operator, self.wanted, &request)
                .await?;
            for view in views.items {
                let page = table.rows(&view.context, self.search, &first).await?;
                let more = page.next_cursor.is_some().then_some(None);
                let cells = page.items.into_iter().map(Some).chain(more);
                rows.extend(cells.map(|cells| Row {
                    organization: view.organization.clone(),
                    cells,
                }));
            }
            request.cursor = views.next_cursor;
            if !rows.is_empty() || request.cursor.is_none() {
                break;
            }
        }
        Ok((rows, request.cursor))
    }
}
