//! Disabling an organization, with a reason.

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::{Operator, SessionCaller},
    id::OrganizationId,
    request,
    value::Reason,
};
use tenantry_http::{Authorized, Form, LenientQuery, PathId};
use tenantry_organizations::{
    OrganizationChange, OrganizationDetails, OrganizationState, OrganizationsError,
};

use super::{organization::changed, tabs::TABS};
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
        reason: Option<Filled<Reason>>,
    }
}

#[derive(Template)]
#[template(path = "admin/disable.html")]
struct DisablePage {
    frame: Frame,
    tab: &'static str,
    is_superuser: bool,
    organization: OrganizationDetails,
    form: FormView,
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(operator): Authorized<Operator>,
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<OrganizationId>,
    LenientQuery(PageQuery { .. }): LenientQuery<PageQuery>,
) -> Answer {
    let id = id.or(OrganizationsError::NotFound)?;
    Reply::page(&DisablePage {
        organization: web
            .organizations
            .operators
            .view_organization(&operator, id)
            .await?,
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
                state: Some(OrganizationState::Disabled {
                    reason: values.reason.and_then(|reason| reason.0),
                }),
                ..OrganizationChange::default()
            };
            changed(&web, &operator, id, change, Done::OrganizationDisabled).await
        }
        Err(errors) => Reply::invalid(&DisablePage {
            organization: web
                .organizations
                .operators
                .view_organization(&operator, id)
                .await?,
            frame: Frame::admin(&web, &caller, None).await?,
            tab: "/admin/organizations",
            is_superuser: true,
            form: FormView::invalid(form.sent, errors),
        }),
    }
}
