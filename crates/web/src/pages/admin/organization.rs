//! One organization, for superusers.

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::{Actor, Operator, SessionCaller},
    id::OrganizationId,
    input::NullablePatch,
    request,
};
use tenantry_http::{Authorized, Form, LenientQuery, PathId};
use tenantry_organizations::{
    LimitsChange, MaxCount, OrganizationChange, OrganizationDetails, OrganizationState,
    OrganizationsError,
};

use super::tabs::TABS;
use crate::{
    Services,
    done::Done,
    form_view::FormView,
    frame::Frame,
    html::{Answer, Reply},
    page_query::PageQuery,
};

request! {
    /// The limits of an organization; an empty field is no limit, an absent one changes nothing.
    pub(super) struct SetLimits {
        /// The most members.
        seats: NullablePatch<MaxCount>,
        /// The most projects.
        projects: NullablePatch<MaxCount>,
    }
}

#[derive(Template)]
#[template(path = "admin/organization.html")]
struct OrganizationPage {
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
    LenientQuery(query): LenientQuery<PageQuery>,
) -> Answer {
    let id = id.or(OrganizationsError::NotFound)?;
    let organization = web
        .organizations
        .operators
        .view_organization(&operator, id)
        .await?;
    let count = |limit: Option<u32>| limit.map_or_else(String::new, |limit| limit.to_string());
    let form = FormView::of(&[
        ("seats", &count(organization.organization.limits.seats)),
        (
            "projects",
            &count(organization.organization.limits.projects),
        ),
    ]);
    Reply::page(&OrganizationPage {
        frame: Frame::admin(&web, &caller, query.done.0).await?,
        tab: "/admin/organizations",
        is_superuser: true,
        organization,
        form,
    })
}

pub(super) async fn set_limits(
    web: web::Data<Services>,
    Authorized(operator): Authorized<Operator>,
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<OrganizationId>,
    form: Form<SetLimits>,
) -> Answer {
    let id = id.or(OrganizationsError::NotFound)?;
    match form.values {
        Ok(values) => {
            let change = OrganizationChange {
                limits: LimitsChange {
                    seats: values.seats.0,
                    projects: values.projects.0,
                },
                ..OrganizationChange::default()
            };
            changed(&web, &operator, id, change, Done::LimitsChanged).await
        }
        Err(errors) => Reply::invalid(&OrganizationPage {
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

pub(super) async fn enable(
    web: web::Data<Services>,
    Authorized(operator): Authorized<Operator>,
    id: PathId<OrganizationId>,
) -> Answer {
    let id = id.or(OrganizationsError::NotFound)?;
    let change = OrganizationChange {
        state: Some(OrganizationState::Active),
        ..OrganizationChange::default()
    };
    changed(&web, &operator, id, change, Done::OrganizationEnabled).await
}

pub(super) async fn changed(
    web: &Services,
    operator: &Operator,
    id: OrganizationId,
    change: OrganizationChange,
    done: Done,
) -> Answer {
    let operators = &web.organizations.operators;
    operators
        .change_organization(id, change, Actor::from(operator))
        .await?;
    Ok(Reply::see_other(
        done.at(&format!("/admin/organizations/{id}")),
    ))
}
