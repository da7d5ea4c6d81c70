//! The organizations of a person.

use actix_web::web;
use askama::Template;
use serde_json::json;
use tenantry_core::{
    access::{SessionCaller, TenantContext},
    event::DomainEvent as _,
    page::PageRequest,
    request,
    value::{Name, SearchText, Slug},
};
use tenantry_domain_events::events::organizations::{OrganizationCreated, UserJoinedOrganization};
use tenantry_http::{Access, Authorized, FieldErrors, Form, LenientQuery, Problem, Routes};
use tenantry_organizations::{
    MyOrganization, NewOrganization, OrganizationsError, ViewOrganization,
};

use crate::{
    Services,
    done::Done,
    fields::{Filled, Lenient},
    form_view::FormView,
    frame::Frame,
    html::{Answer, Reply},
    pages::start::home,
    paging::Paging,
};

pub(super) fn routes() -> Routes {
    const USER: Access = Access::user().session_only();
    const VIEW: Access = Access::slug_organization::<ViewOrganization>();

    Routes::new()
        .page("/organizations", USER, list)
        .form("/organizations", USER, create)
        .sample(|values| json!({"name": values.text, "slug": format!("new-{}", values.number)}))
        .records(&[OrganizationCreated::NAME, UserJoinedOrganization::NAME])
        .form("/o/{slug}/switch", VIEW, switch)
        .records(&[])
}

request! {
    /// Which of the person's organizations to show.
    struct OrganizationsQuery {
        /// Only those whose name or slug contains this text.
        q: Option<Filled<SearchText>>,
        /// The cursor of the previous page.
        cursor: Option<String>,
        /// What a form did.
        done: Lenient<Done>,
    }
}

request! {
    /// An organization to create.
    struct CreateOrganization {
        /// Its name.
        name: Name,
        /// Its slug; derived from the name if absent.
        slug: Option<Slug>,
    }
}

#[derive(Template)]
#[template(path = "organizations.html")]
struct OrganizationsPage {
    frame: Frame,
    form: FormView,
    search: String,
    organizations: Vec<MyOrganization>,
    paging: Paging,
}

impl OrganizationsPage {
    async fn load(
        web: &Services,
        caller: &SessionCaller,
        form: FormView,
        query: OrganizationsQuery,
    ) -> Result<Self, Problem> {
        let search = query.q.and_then(|text| text.0).map(SearchText::into_text);
        let request = PageRequest {
            cursor: query.cursor,
            ..PageRequest::default()
        };
        let service = &web.organizations.organizations;
        let page = service
            .search_mine(caller, search.as_deref(), &request)
            .await?;
        let search = search.unwrap_or_default();
        let filters = [("q", &*search)];
        let next = page.next_cursor.as_deref();
        Ok(Self {
            paging: Paging::new("/organizations", &filters, &request, next),
            frame: Frame::personal(web, caller, query.done.0).await?,
            form,
            search,
            organizations: page.items,
        })
    }
}

async fn list(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(query): LenientQuery<OrganizationsQuery>,
) -> Answer {
    if !web.deployment.multi_org_enabled() {
        let home = home(&web, &caller).await?;
        // Without a membership the list says so.
        if home != "/organizations" {
            return Ok(Reply::see_other(home));
        }
    }
    Reply::page(&OrganizationsPage::load(&web, &caller, FormView::empty(), query).await?)
}

async fn create(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    form: Form<CreateOrganization>,
) -> Answer {
    let invalid = match form.values {
        Ok(values) => {
            let new = NewOrganization {
                name: values.name,
                slug: values.slug,
            };
            match web.organizations.organizations.create(&caller, new).await {
                Ok(created) => {
                    let path = format!("/o/{}", created.slug);
                    return Ok(Reply::see_other(Done::OrganizationCreated.at(&path)));
                }
                Err(OrganizationsError::SlugTaken) => FormView::invalid(
                    form.sent,
                    FieldErrors::one("slug", "belongs to another organization"),
                ),
                Err(OrganizationsError::SlugReserved) => {
                    FormView::invalid(form.sent, FieldErrors::one("slug", "is a reserved word"))
                }
                Err(error @ OrganizationsError::OrganizationLimitReached(_)) => {
                    FormView::refused(form.sent, format!("{error}."))
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(errors) => FormView::invalid(form.sent, errors),
    };
    let all = OrganizationsQuery {
        q: None,
        cursor: None,
        done: Lenient(None),
    };
    Reply::invalid(&OrganizationsPage::load(&web, &caller, invalid, all).await?)
}

async fn switch(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
) -> Answer {
    let slug = web
        .organizations
        .organizations
        .switch(&ctx, &caller)
        .await?;
    Ok(Reply::see_other(format!("/o/{slug}")))
}
