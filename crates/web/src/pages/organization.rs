//! The home of an organization.

use actix_web::web;
use askama::Template;
use tenantry_audit::{AuditEntry, AuditFilter, ViewAuditLog};
use tenantry_core::{
    access::{SessionCaller, TenantContext},
    page::{PageRequest, PageSize},
};
use tenantry_http::{Access, Authorized, LenientQuery, Routes};
use tenantry_organizations::ViewOrganization;
use tenantry_projects::{ManageProjects, Project, ProjectQuery};

use crate::{
    Services,
    frame::{Frame, Section},
    html::{Answer, Reply},
    page_query::PageQuery,
};

/// How many projects and entries the home shows.
const SHOWN: u32 = 5;

pub(super) fn routes() -> Routes {
    const VIEW: Access = Access::slug_organization::<ViewOrganization>();
    Routes::new().page("/o/{slug}", VIEW, show)
}

#[derive(Template)]
#[template(path = "organization/home.html")]
struct Home {
    frame: Frame,
    path: String,
    projects: Vec<Project>,
    may_manage: bool,
    /// Recent activity, for those who may see it.
    entries: Option<Vec<AuditEntry>>,
}

async fn show(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(query): LenientQuery<PageQuery>,
) -> Answer {
    let page = PageRequest {
        limit: PageSize::new(SHOWN).unwrap_or_default(),
        cursor: None,
    };
    let newest = ProjectQuery {
        page: page.clone(),
        ..ProjectQuery::default()
    };
    let projects = web.projects.list(&ctx, &newest).await?.items;
    let entries = if ctx.require::<ViewAuditLog>().is_ok() {
        let all = AuditFilter::default();
        Some(web.audit.list(&ctx, &all, &page).await?.items)
    } else {
        None
    };
    let frame = Frame::tenant(&web, &caller, &ctx, Section::Home, query.done.0).await?;
    Reply::page(&Home {
        path: frame.organization_path(),
        frame,
        projects,
        may_manage: ctx.require::<ManageProjects>().is_ok(),
        entries,
    })
}
