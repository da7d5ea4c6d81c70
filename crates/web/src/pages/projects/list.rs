//! The list of projects, and the change of several at once.

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::{SessionCaller, TenantContext},
    page::PageRequest,
    request,
    value::SearchText,
};
use tenantry_http::{Authorized, Form, PathSlug, Problem, Query};
use tenantry_projects::{
    BulkStatus, ManageProjects, Project, ProjectId, ProjectQuery, ProjectSort, ProjectStatus,
};

use super::status::STATUSES;
use crate::{
    Services,
    done::Done,
    fields::{Filled, Lenient, Selected},
    form_view::FormView,
    frame::{Frame, Section},
    html::{Answer, Reply},
    paging::Paging,
};

request! {
    /// Which projects to show. An empty field is no filter.
    pub(super) struct ListQuery {
        /// Only those with this status.
        status: Option<Filled<ProjectStatus>>,
        /// Only those whose name contains this text.
        q: Option<Filled<SearchText>>,
        /// The order.
        sort: Option<ProjectSort>,
        /// The cursor of the previous page.
        cursor: Option<String>,
        /// What a form did.
        done: Lenient<Done>,
    }
}

request! {
    /// A new status for the selected projects.
    pub(super) struct SetStatus {
        /// The projects.
        ids: Selected<ProjectId>,
        /// The new status.
        status: ProjectStatus,
    }
}

#[derive(Template)]
#[template(path = "projects/list.html")]
struct ListPage {
    frame: Frame,
    path: String,
    projects: Vec<Project>,
    search: String,
    status: Option<ProjectStatus>,
    sort: ProjectSort,
    may_manage: bool,
    paging: Paging,
    form: FormView,
}

impl ListPage {
    async fn load(
        web: &Services,
        caller: &SessionCaller,
        ctx: &TenantContext,
        query: ListQuery,
        form: FormView,
    ) -> Result<Self, Problem> {
        let wanted = ProjectQuery {
            status: query.status.and_then(|status| status.0),
            search: query.q.and_then(|text| text.0).map(SearchText::into_text),
            sort: query.sort.unwrap_or_default(),
            page: PageRequest {
                cursor: query.cursor,
                ..PageRequest::default()
            },
        };
        let page = web.projects.list(ctx, &wanted).await?;
        let frame = Frame::tenant(web, caller, ctx, Section::Projects, query.done.0).await?;
        let path = format!("{}/projects", frame.organization_path());
        let search = wanted.search.unwrap_or_default();
        let filters = [
            ("q", &*search),
            ("status", wanted.status.map_or("", ProjectStatus::as_str)),
            ("sort", wanted.sort.as_str()),
        ];
        let next = page.next_cursor.as_deref();
        Ok(Self {
            paging: Paging::new(&path, &filters, &wanted.page, next),
            frame,
            path,
            projects: page.items,
            search,
            status: wanted.status,
            sort: wanted.sort,
            may_manage: ctx.require::<ManageProjects>().is_ok(),
            form,
        })
    }

    fn is_filtered(&self) -> bool {
        !self.search.is_empty() || self.status.is_some()
    }
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    Query(query): Query<ListQuery>,
) -> Answer {
    Reply::page(&ListPage::load(&web, &caller, &ctx, query, FormView::empty()).await?)
}

pub(super) async fn set_status(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    PathSlug(slug): PathSlug,
    form: Form<SetStatus>,
) -> Answer {
    let invalid = match form.values {
        Ok(values) => {
            let bulk = BulkStatus {
                ids: values.ids.0,
                status: values.status,
            };
            match web.projects.set_status(&ctx, bulk).await {
                Ok(_) => {
                    let path = format!("/o/{slug}/projects");
                    return Ok(Reply::see_other(Done::ProjectsChanged.at(&path)));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(errors) if errors.of("ids").is_some() => {
            FormView::refused(form.sent, "Select the projects to change first.")
        }
        Err(errors) => FormView::invalid(form.sent, errors),
    };
    let all = ListQuery {
        status: None,
        q: None,
        sort: None,
        cursor: None,
        done: Lenient(None),
    };
    Reply::invalid(&ListPage::load(&web, &caller, &ctx, all, invalid).await?)
}
