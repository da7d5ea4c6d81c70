//! The report on all organizations, as a table, a drawing and a file.

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::header, web};
use askama::Template;
use tenantry_core::{
    access::{Operator, SessionCaller},
    page::{Page, PageRequest, PageSize},
    request,
};
use tenantry_http::{Authorized, LenientQuery, Problem};
use tenantry_organizations::OrganizationActivity;

use super::{
    report_sort::{Heading, ReportSort, headings},
    tabs::TABS,
};
use crate::{
    Services,
    chart::Chart,
    csv::Csv,
    fields::Filled,
    frame::Frame,
    html::{Answer, Reply},
    page_query::PageQuery,
    paging::Paging,
};

/// The most organizations of a file.
const EXPORTED: usize = 10_000;

request! {
    /// Which page of the report to show.
    pub(super) struct ReportQuery {
        /// The order; by age if absent.
        sort: Option<Filled<ReportSort>>,
        /// The cursor of the previous page.
        cursor: Option<String>,
    }
}

#[derive(Template)]
#[template(path = "admin/report.html")]
struct ReportPage {
    frame: Frame,
    tab: &'static str,
    is_superuser: bool,
    headings: Vec<Heading>,
    is_sorted: bool,
    organizations: Vec<OrganizationActivity>,
    chart: Chart,
    paging: Paging,
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(operator): Authorized<Operator>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(query): LenientQuery<ReportQuery>,
) -> Answer {
    let request = PageRequest {
        limit: PageSize::new(100).unwrap_or_default(),
        cursor: query.cursor,
    };
    let sort = query.sort.and_then(|sort| sort.0);
    let operators = &web.organizations.operators;
    let page = match sort {
        Some(sort) => Page {
            items: operators.sorted_report(&operator, sort.0).await?,
            next_cursor: None,
        },
        None => operators.report(&operator, &request).await?,
    };
    let created = operators.growth(&operator).await?;
    Reply::page(&ReportPage {
        frame: Frame::admin(&web, &caller, None).await?,
        tab: "/admin/report",
        is_superuser: true,
        chart: Chart::growth(&created),
        headings: headings(sort),
        is_sorted: sort.is_some(),
        organizations: page.items,
        paging: Paging::new("/admin/report", &[], &request, page.next_cursor.as_deref()),
    })
}

pub(super) async fn download(
    web: web::Data<Services>,
    Authorized(operator): Authorized<Operator>,
    LenientQuery(PageQuery { .. }): LenientQuery<PageQuery>,
) -> Result<CsvFile, Problem> {
    let mut csv = Csv::new(&[
        "name",
        "slug",
        "active",
        "members",
        "projects",
        "created",
        "last activity",
    ]);
    let mut request = PageRequest {
        limit: PageSize::new(100).unwrap_or_default(),
        cursor: None,
    };
    loop {
        let page = web
            .organizations
            .operators
            .report(&operator, &request)
            .await?;
        for row in &page.items {
            let last = row.last_activity.map(|at| at.to_rfc3339());
            csv.row(&[
                row.organization.name.as_str(),
                row.organization.slug.as_str(),
                if row.is_active { "yes" } else { "no" },
                &row.members.to_string(),
                &row.projects.to_string(),
                &row.created_at.to_rfc3339(),
                last.as_deref().unwrap_or_default(),
            ]);
        }
        request.cursor = page.next_cursor;
        if request.cursor.is_none() || csv.rows() >= EXPORTED {
            return Ok(CsvFile(csv.into_text()));
        }
    }
}

/// A file to save.
pub(super) struct CsvFile(String);

impl Responder for CsvFile {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
            .insert_header((
                header::CONTENT_DISPOSITION,
                "attachment; filename=\"organizations.csv\"",
            ))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(self.0)
    }
}
