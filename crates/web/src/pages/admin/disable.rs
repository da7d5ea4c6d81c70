//! Disabling an organization, with a reason.

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::{Operator, SessionCaller},
    id::OrganizationId,
    request,
    value::Name,
};
use tenantry_http::{Authorized, Form, Parameters, PathId};
use tenantry_organizations::{Organization, OrganizationChange, OrganizationsError};

use super::{
    organization::{changed, look},
    tabs::TABS,
};
use crate::{
    Services,
    done::Done,
    fields::Filled,
    form_view::FormView,
    frame::Frame,
    html::{Answer, Reply},
    page_query::PageQuery,
};

request! {
    /// Why the organization is disabled.
    pub(super) struct Disable {
        /// The reason, which its audit log keeps.
        reason: Option<Filled<Name>>,
    }
}

#[derive(Template)]
#[template(path = "admin/disable.html")]
struct DisablePage {
    frame: Frame,
    tab: &'static str,
    is_superuser: bool,
    organization: Organization,
    form: FormView,
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(operator): Authorized<Operator>,
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<OrganizationId>,
    Parameters(PageQuery { .. }): Parameters<PageQuery>,
) -> Answer {
    let id = id.or(OrganizationsError::NotFound)?;
    Reply::page(&DisablePage {
        organization: look(&web, &operator, id).await?,
        frame: Frame::admin(&web, &caller, None).await?,
        tab: "/admin/organizations",
        is_superuser: true,
        form: FormView::empty(),
    })
}

pub(super) async fn disable(
    web: web::Data<Services>,
    Authorized(operator): Authorized<Operator>,
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<OrganizationId>,
    form: Form<Disable>,
) -> Answer {
    let id = id.or(OrganizationsError::NotFound)?;
    match form.values {
        Ok(values) => {
            let change = OrganizationChange {
                is_active: Some(false),
                reason: values.reason.and_then(|reason| reason.0),
                ..OrganizationChange::default()
            };
            changed(&web, &operator, id, change, Done::OrganizationDisabled).await
        }
        Err(errors) => Reply::invalid(&DisablePage {
            organization: look(&web, &operator, id).await?,
            frame: Frame::admin(&web, &caller, None).await?,
            tab: "/admin/organizations",
            is_superuser: true,
            form: FormView::invalid(form.sent, errors),
        }),
    }
}
