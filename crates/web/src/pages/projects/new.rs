//! A new project.

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::{SessionCaller, TenantContext},
    request,
    value::{Description, Name},
};
use tenantry_http::{Authorized, Form, LenientQuery, PathSlug, Problem};
use tenantry_projects::{NewProject, ProjectError, ProjectStatus};

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
    /// A project to create.
    pub(super) struct CreateProject {
        /// Its name.
        name: Name,
        /// Its status.
        status: ProjectStatus,
        /// Its description.
        description: Option<Description>,
    }
}

#[derive(Template)]
#[template(path = "projects/new.html")]
struct NewPage {
    frame: Frame,
    path: String,
    form: FormView,
}

impl NewPage {
    async fn load(
        web: &Services,
        caller: &SessionCaller,
        ctx: &TenantContext,
        form: FormView,
    ) -> Result<Self, Problem> {
        let frame = Frame::tenant(web, caller, ctx, Section::Projects, None).await?;
        let path = format!("{}/projects", frame.organization_path());
        Ok(Self { frame, path, form })
    }
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(PageQuery { .. }): LenientQuery<PageQuery>,
) -> Answer {
    let form = FormView::of(&[("status", ProjectStatus::default().as_str())]);
    Reply::page(&NewPage::load(&web, &caller, &ctx, form).await?)
}

pub(super) async fn create(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    PathSlug(slug): PathSlug,
    form: Form<CreateProject>,
) -> Answer {
    let invalid = match form.values {
        Ok(values) => {
            let new = NewProject {
                name: values.name,
                description: description(values.description),
                status: values.status,
            };
            match web.projects.create(&ctx, new).await {
                Ok(_) => {
                    let path = format!("/o/{slug}/projects");
                    return Ok(Reply::see_other(Done::ProjectCreated.at(&path)));
                }
                Err(error @ ProjectError::LimitReached) => {
                    FormView::refused(form.sent, format!("{error}."))
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(errors) => FormView::invalid(form.sent, errors),
    };
    Reply::invalid(&NewPage::load(&web, &caller, &ctx, invalid).await?)
}
