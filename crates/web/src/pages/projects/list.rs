//! The list of projects, and the change of several at once.

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::{SessionCaller, TenantContext},
    page::PageRequest,
    request,
    value::SearchText,
};
use tenantry_http::{Authorized, Form, FormFields, Parameters, PathSlug, Problem};
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
    paging::{Paging, address},
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
        /// The status that the list is of.
        shown: Option<Filled<ProjectStatus>>,
        /// The text that the list is of.
        q: Option<Filled<SearchText>>,
        /// The order of the list.
        sort: Option<Filled<ProjectSort>>,
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
    Parameters(query): Parameters<ListQuery>,
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
    let shown = Shown::of(&form.sent);
    let invalid = match form.values {
        Ok(values) => {
            let bulk = BulkStatus {
                ids: values.ids.0,
                status: values.status,
            };
            web.projects.set_status(&ctx, bulk).await?;
            let path = shown.address(&format!("/o/{slug}/projects"));
            return Ok(Reply::see_other(Done::ProjectsChanged.at(&path)));
        }
        Err(_) if form.sent.text("ids").is_empty() => {
            FormView::refused(form.sent, "Select the projects to change first.")
        }
        Err(errors) if errors.of("ids").is_some() => {
            FormView::refused(form.sent, "Select 1 to 100 projects of the list.")
        }
        Err(errors) => FormView::invalid(form.sent, errors),
    };
    Reply::invalid(&ListPage::load(&web, &caller, &ctx, shown.query(), invalid).await?)
}

/// The filters of the list that a form was sent from.
struct Shown {
    status: Option<ProjectStatus>,
    text: Option<SearchText>,
    sort: Option<ProjectSort>,
}

impl Shown {
    fn of(sent: &FormFields) -> Self {
        Self {
            status: sent.text("shown").parse().ok(),
            text: sent.text("q").parse().ok(),
            sort: sent.text("sort").parse().ok(),
        }
    }

    fn address(&self, path: &str) -> String {
        let text = self.text.clone().map(SearchText::into_text);
        address(
            path,
            &[
                ("q", text.as_deref().unwrap_or_default()),
                ("status", self.status.map_or("", ProjectStatus::as_str)),
                ("sort", self.sort.map_or("", ProjectSort::as_str)),
            ],
        )
    }

    fn query(self) -> ListQuery {
        ListQuery {
            status: Some(Filled(self.status)),
            q: Some(Filled(self.text)),
            sort: self.sort,
            cursor: None,
            done: Lenient(None),
        }
    }
}
