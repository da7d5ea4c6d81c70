//! One project: reading and changing it.

use actix_web::{http::StatusCode, web};
use askama::Template;
use tenantry_core::{
    access::{SessionCaller, TenantContext},
    request,
    value::{Description, Name},
    version::Precondition,
};
use tenantry_http::{Authorized, Form, LenientQuery, PathId, PathSlug, Problem};
use tenantry_projects::{
    ManageProjects, Project, ProjectChange, ProjectError, ProjectId, ProjectStatus,
};

use super::status::{STATUSES, description};
use crate::{
    Services,
    done::Done,
    form_view::FormView,
    frame::{Frame, Section},
    html::{Answer, Reply},
    page_query::PageQuery,
};

request! {
    /// A project as its form has it.
    pub(super) struct ChangeProject {
        /// Its name.
        name: Name,
        /// Its status.
        status: ProjectStatus,
        /// Its description.
        description: Option<Description>,
        /// The version that was read; without it the last writer wins.
        version: Option<i64>,
    }
}

#[derive(Template)]
#[template(path = "projects/edit.html")]
struct EditPage {
    frame: Frame,
    path: String,
    project: Project,
    form: FormView,
    /// Whether someone else changed the project since the form was read.
    is_stale: bool,
    may_manage: bool,
}

impl EditPage {
    async fn load(
        web: &Services,
        caller: &SessionCaller,
        ctx: &TenantContext,
        project: Project,
        form: FormView,
        done: Option<Done>,
    ) -> Result<Self, Problem> {
        let frame = Frame::tenant(web, caller, ctx, Section::Projects, done).await?;
        Ok(Self {
            path: format!("{}/projects", frame.organization_path()),
            frame,
            project,
            form,
            is_stale: false,
            may_manage: ctx.require::<ManageProjects>().is_ok(),
        })
    }
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<ProjectId>,
    LenientQuery(query): LenientQuery<PageQuery>,
) -> Answer {
    let id = id.or(ProjectError::NotFound)?;
    let project = web.projects.get(&ctx, id).await?;
    let form = FormView::of(&[
        ("name", project.name.as_str()),
        ("status", project.status.as_str()),
        ("description", project.description.as_str()),
    ]);
    Reply::page(&EditPage::load(&web, &caller, &ctx, project, form, query.done.0).await?)
}

pub(super) async fn change(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    PathSlug(slug): PathSlug,
    id: PathId<ProjectId>,
    form: Form<ChangeProject>,
) -> Answer {
    let id = id.or(ProjectError::NotFound)?;
    let (invalid, is_stale) = match form.values {
        Ok(values) => {
            let change = ProjectChange {
                name: Some(values.name),
                description: Some(description(values.description)),
                status: Some(values.status),
            };
            let read = values.version.map(|version| vec![version]);
            let expected = read.map_or(Precondition::None, Precondition::OneOf);
            match web.projects.update(&ctx, id, change, expected).await {
                Ok(_) => {
                    let path = format!("/o/{slug}/projects/{id}");
                    return Ok(Reply::see_other(Done::ProjectChanged.at(&path)));
                }
                Err(ProjectError::Stale) => (FormView::kept(form.sent), true),
                Err(error) => return Err(error.into()),
            }
        }
        Err(errors) => (FormView::invalid(form.sent, errors), false),
    };
    let project = web.projects.get(&ctx, id).await?;
    let page = EditPage::load(&web, &caller, &ctx, project, invalid, None).await?;
    if is_stale {
        let page = EditPage {
            is_stale: true,
            ..page
        };
        return Reply::with_status(StatusCode::PRECONDITION_FAILED, &page);
    }
    Reply::invalid(&page)
}
