//! The list of projects, and the change of several at once.

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::{SessionCaller, TenantContext},
    page::PageRequest,
    request,
    value::SearchText,
};
use tenantry_http::{Authorized, Form, LenientQuery, PathSlug, Problem};
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
    }
}

impl ListQuery {
    fn wanted(self) -> ProjectQuery {
        ProjectQuery {
            status: self.status.and_then(|status| status.0),
            search: self.q.and_then(|text| text.0).map(SearchText::into_text),
            sort: self.sort.unwrap_or_default(),
            page: PageRequest {
                cursor: self.cursor,
                ..PageRequest::default()
            },
        }
    }
}

/// The filters as they stand in addresses.
fn filters(wanted: &ProjectQuery) -> [(&'static str, &str); 3] {
    [
        ("q", wanted.search.as_deref().unwrap_or_default()),
        ("status", wanted.status.map_or("", ProjectStatus::as_str)),
        ("sort", wanted.sort.as_str()),
    ]
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
    /// Where the form for several goes: it keeps the filter.
    set_status: String,
    paging: Paging,
    form: FormView,
}

impl ListPage {
    async fn load(
        web: &Services,
        caller: &SessionCaller,
        ctx: &TenantContext,
        wanted: ProjectQuery,
        done: Option<Done>,
        form: FormView,
    ) -> Result<Self, Problem> {
        let page = web.projects.list(ctx, &wanted).await?;
        let frame = Frame::tenant(web, caller, ctx, Section::Projects, done).await?;
        let path = format!("{}/projects", frame.organization_path());
        let filters = filters(&wanted);
        let next = page.next_cursor.as_deref();
        Ok(Self {
            paging: Paging::new(&path, &filters, &wanted.page, next),
            set_status: address(&format!("{path}/status"), &filters),
            frame,
            path,
            projects: page.items,
            status: wanted.status,
            sort: wanted.sort,
            search: wanted.search.unwrap_or_default(),
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
    LenientQuery(query): LenientQuery<ListQuery>,
) -> Answer {
    let done = query.done.0;
    let wanted = query.wanted();
    Reply::page(&ListPage::load(&web, &caller, &ctx, wanted, done, FormView::empty()).await?)
}

pub(super) async fn set_status(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    PathSlug(slug): PathSlug,
    LenientQuery(query): LenientQuery<ListQuery>,
    form: Form<SetStatus>,
) -> Answer {
    let wanted = query.wanted();
    let invalid = match form.values {
        Ok(values) => {
            let bulk = BulkStatus {
                ids: values.ids.0,
                status: values.status,
            };
            web.projects.set_status(&ctx, bulk).await?;
            let list = address(&format!("/o/{slug}/projects"), &filters(&wanted));
            return Ok(Reply::see_other(Done::ProjectsChanged.at(&list)));
        }
        Err(_) if form.sent.text("ids").is_empty() => {
            FormView::refused(form.sent, "Select the projects to change first.")
        }
        Err(errors) if errors.of("ids").is_some() => {
            FormView::refused(form.sent, "Select 1 to 100 projects of the list.")
        }
        Err(errors) => FormView::invalid(form.sent, errors),
    };
    Reply::invalid(&ListPage::load(&web, &caller, &ctx, wanted, None, invalid).await?)
}
