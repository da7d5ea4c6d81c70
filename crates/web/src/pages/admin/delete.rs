//! Deleting an organization on behalf of its owner, and how far deletions are.

use std::sync::Arc;

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::{Actor, Operator, SessionCaller},
    id::OrganizationId,
    request,
};
use tenantry_http::{Authorized, FieldErrors, Form, LenientQuery, PathId};
use tenantry_organizations::{
    Deletion, OrganizationDetails, OrganizationsError, delete_organization_as,
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
    /// The confirmation.
    pub(super) struct Confirm {
        /// The organization's slug.
        confirm_slug: String,
    }
}

#[derive(Template)]
#[template(path = "admin/delete.html")]
struct DeletePage {
    frame: Frame,
    tab: &'static str,
    is_superuser: bool,
    organization: OrganizationDetails,
    form: FormView,
}

#[derive(Template)]
#[template(path = "admin/deletions.html")]
struct DeletionsPage {
    frame: Frame,
    tab: &'static str,
    is_superuser: bool,
    deletions: Vec<Deletion>,
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(operator): Authorized<Operator>,
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<OrganizationId>,
    LenientQuery(PageQuery { .. }): LenientQuery<PageQuery>,
) -> Answer {
    let id = id.or(OrganizationsError::NotFound)?;
    Reply::page(&DeletePage {
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

pub(super) async fn delete(
    web: web::Data<Services>,
    Authorized(operator): Authorized<Operator>,
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<OrganizationId>,
    form: Form<Confirm>,
) -> Answer {
    let id = id.or(OrganizationsError::NotFound)?;
    let organization = web
        .organizations
        .operators
        .view_organization(&operator, id)
        .await?;
    let errors = match form.values {
        Ok(values) if values.confirm_slug == organization.organization.slug.as_str() => {
            let deletion = Arc::clone(&web.organizations.deletion);
            delete_organization_as(deletion, id, Actor::from(&operator)).await?;
            let path = Done::DeletionStarted.at("/admin/deletions");
            return Ok(Reply::see_other(path));
        }
        Ok(_) => FieldErrors::one("confirm_slug", "is another one"),
        Err(errors) => errors,
    };
    Reply::invalid(&DeletePage {
        organization,
        frame: Frame::admin(&web, &caller, None).await?,
        tab: "/admin/organizations",
        is_superuser: true,
        form: FormView::invalid(form.sent, errors),
    })
}

pub(super) async fn progress(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(query): LenientQuery<PageQuery>,
) -> Answer {
    Reply::page(&DeletionsPage {
        deletions: web.organizations.deletion.deletions().await?,
        frame: Frame::admin(&web, &caller, query.done.0).await?,
        tab: "/admin/deletions",
        is_superuser: true,
    })
}
