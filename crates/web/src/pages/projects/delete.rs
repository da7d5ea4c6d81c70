//! The deletion of a project.

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::{SessionCaller, TenantContext},
    version::Precondition,
};
use tenantry_http::{Authorized, LenientQuery, PathId, PathSlug};
use tenantry_projects::{Project, ProjectError, ProjectId};

use crate::{
    Services,
    done::Done,
    frame::{Frame, Section},
    html::{Answer, Reply},
    page_query::PageQuery,
};

#[derive(Template)]
#[template(path = "projects/delete.html")]
struct DeletePage {
    frame: Frame,
    path: String,
    project: Project,
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<ProjectId>,
    LenientQuery(PageQuery { .. }): LenientQuery<PageQuery>,
) -> Answer {
    let id = id.or(ProjectError::NotFound)?;
    let project = web.projects.get(&ctx, id).await?;
    let frame = Frame::tenant(&web, &caller, &ctx, Section::Projects, None).await?;
    Reply::page(&DeletePage {
        path: format!("{}/projects", frame.organization_path()),
        frame,
        project,
    })
}

pub(super) async fn delete(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    PathSlug(slug): PathSlug,
    id: PathId<ProjectId>,
) -> Answer {
    let id = id.or(ProjectError::NotFound)?;
    web.projects.delete(&ctx, id, Precondition::None).await?;
    let path = format!("/o/{slug}/projects");
    Ok(Reply::see_other(Done::ProjectDeleted.at(&path)))
}
