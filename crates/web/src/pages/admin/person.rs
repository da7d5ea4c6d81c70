//! One account, for superusers.

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::{Actor, Operator, SessionCaller},
    clock::Timestamp,
    id::UserId,
    request,
};
use tenantry_http::{Authorized, Form, PathId, Query};
use tenantry_organizations::{Force, MEMBERSHIPS_SHOWN, MyOrganization, OrganizationsError};
use tenantry_users::{User, UsersError};

use super::tabs::TABS;
use crate::{
    Services,
    done::Done,
    fields::Checked,
    frame::Frame,
    html::{Answer, Reply},
    page_query::PageQuery,
};

request! {
    /// Whether organizations may be left without an active owner.
    pub(super) struct Disable {
        /// They may.
        force: Checked,
    }
}

#[derive(Template)]
#[template(path = "admin/person.html")]
struct PersonPage {
    frame: Frame,
    tab: &'static str,
    is_superuser: bool,
    person: User,
    last_seen_at: Option<Timestamp>,
    organizations: Vec<MyOrganization>,
    /// How many are listed, if there may be more.
    oldest: Option<usize>,
    /// Why the account was not disabled.
    refusal: Option<String>,
}

impl PersonPage {
    async fn load(
        web: &Services,
        operator: &Operator,
        caller: &SessionCaller,
        id: UserId,
        done: Option<Done>,
    ) -> Result<Self, OrganizationsError> {
        let account = web.organizations.operators.view_user(operator, id).await?;
        let organizations = web.organizations.members.organizations_of(id).await?;
        Ok(Self {
            oldest: (organizations.len() == MEMBERSHIPS_SHOWN).then_some(MEMBERSHIPS_SHOWN),
            organizations,
            frame: Frame::admin(web, caller, done).await?,
            tab: "/admin/people",
            is_superuser: true,
            person: account.user,
            last_seen_at: account.last_seen_at,
            refusal: None,
        })
    }
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(operator): Authorized<Operator>,
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<UserId>,
    Query(query): Query<PageQuery>,
) -> Answer {
    let id = id.or(UsersError::UserNotFound)?;
    Reply::page(&PersonPage::load(&web, &operator, &caller, id, query.done.0).await?)
}

pub(super) async fn enable(
    web: web::Data<Services>,
    Authorized(operator): Authorized<Operator>,
    id: PathId<UserId>,
) -> Answer {
    let id = id.or(UsersError::UserNotFound)?;
    let members = &web.organizations.members;
    members
        .set_user_active(id, true, Actor::from(&operator))
        .await?;
    Ok(Reply::see_other(
        Done::PersonEnabled.at(&format!("/admin/people/{id}")),
    ))
}

pub(super) async fn end_sessions(
    web: web::Data<Services>,
    Authorized(operator): Authorized<Operator>,
    id: PathId<UserId>,
) -> Answer {
    let id = id.or(UsersError::UserNotFound)?;
    web.users
        .end_all_sessions(id, Actor::from(&operator))
        .await?;
    Ok(Reply::see_other(
        Done::SessionsEnded.at(&format!("/admin/people/{id}")),
    ))
}

pub(super) async fn disable(
    web: web::Data<Services>,
    Authorized(operator): Authorized<Operator>,
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<UserId>,
    form: Form<Disable>,
) -> Answer {
    let id = id.or(UsersError::UserNotFound)?;
    let is_forced = form.values.is_ok_and(|values| values.force.0);
    let force = if is_forced { Force::Yes } else { Force::No };
    let members = &web.organizations.members;
    match members
        .disable_user(id, force, Actor::from(&operator))
        .await
    {
        Ok(_) => Ok(Reply::see_other(
            Done::PersonDisabled.at(&format!("/admin/people/{id}")),
        )),
        Err(error @ OrganizationsError::SoleOwner(_)) => {
            let page = PersonPage::load(&web, &operator, &caller, id, None).await?;
            Reply::invalid(&PersonPage {
                refusal: Some(error.to_string()),
                ..page
            })
        }
        Err(error) => Err(error.into()),
    }
}
