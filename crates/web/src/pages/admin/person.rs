//! One account, for superusers.

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::{Actor, Operator, SessionCaller},
    clock::Timestamp,
    id::UserId,
    request,
};
use tenantry_http::{Authorized, Form, LenientQuery, PathId};
use tenantry_organizations::{Force, MEMBERSHIPS_SHOWN, MyOrganization, OrganizationsError};
use tenantry_users::{User, UsersError};

use super::{confirm::ConfirmPage, tabs::TABS};
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
pub(super) struct PersonPage {
    frame: Frame,
    tab: &'static str,
    is_superuser: bool,
    pub(super) person: User,
    last_seen_at: Option<Timestamp>,
    organizations: Vec<MyOrganization>,
    /// How many are listed, if there may be more.
    oldest: Option<usize>,
    /// Why the account was not disabled.
    refusal: Option<String>,
}

impl PersonPage {
    pub(super) async fn load(
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

    /// The page before a step of this person.
    pub(super) fn confirm(self, step: &str, button: &'static str) -> ConfirmPage {
        let back = format!("/admin/people/{}", self.person.id);
        ConfirmPage {
            frame: self.frame,
            tab: self.tab,
            is_superuser: self.is_superuser,
            title: String::new(),
            effects: Vec::new(),
            action: format!("{back}/{step}"),
            field: None,
            choice: None,
            button,
            back,
        }
    }
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(operator): Authorized<Operator>,
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<UserId>,
    LenientQuery(query): LenientQuery<PageQuery>,
) -> Answer {
    let id = id.or(UsersError::UserNotFound)?;
    Reply::page(&PersonPage::load(&web, &operator, &caller, id, query.done.0).await?)
}

pub(super) async fn confirm_disabling(
    web: web::Data<Services>,
    Authorized(operator): Authorized<Operator>,
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<UserId>,
    LenientQuery(PageQuery { .. }): LenientQuery<PageQuery>,
) -> Answer {
    let id = id.or(UsersError::UserNotFound)?;
    let page = PersonPage::load(&web, &operator, &caller, id, None).await?;
    let number = page.organizations.len();
    let name = page.person.name.clone();
    Reply::page(&ConfirmPage {
        title: format!("Disable {name}?"),
        effects: vec![
            "The person can't sign in until the account is enabled.".to_owned(),
            "All sessions and API tokens end, and so do the invitations that the person sent."
                .to_owned(),
            format!(
                "Memberships stay (active organizations: {number}), and are of no use until then."
            ),
        ],
        choice: Some((
            "force",
            "Also if an organization is left without an active owner",
        )),
        ..page.confirm("disable", "Disable the account")
    })
}

pub(super) async fn confirm_end_of_sessions(
    web: web::Data<Services>,
    Authorized(operator): Authorized<Operator>,
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<UserId>,
    LenientQuery(PageQuery { .. }): LenientQuery<PageQuery>,
) -> Answer {
    let id = id.or(UsersError::UserNotFound)?;
    let page = PersonPage::load(&web, &operator, &caller, id, None).await?;
    let name = page.person.name.clone();
    Reply::page(&ConfirmPage {
        title: format!("End all sessions of {name}?"),
        effects: vec![
            "The person is signed out in every browser, and can sign in again.".to_owned(),
            "API tokens stay.".to_owned(),
        ],
        ..page.confirm("end-sessions", "End all sessions")
    })
}

pub(super) async fn confirm_sending_a_reset(
    web: web::Data<Services>,
    Authorized(operator): Authorized<Operator>,
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<UserId>,
    LenientQuery(PageQuery { .. }): LenientQuery<PageQuery>,
) -> Answer {
    let id = id.or(UsersError::UserNotFound)?;
    let page = PersonPage::load(&web, &operator, &caller, id, None).await?;
    let (name, email) = (page.person.name.clone(), page.person.email.clone());
    Reply::page(&ConfirmPage {
        title: format!("Send {name} a link to choose a new password?"),
        effects: vec![
            format!("It goes to {email} and is good for an hour."),
            "The present password, the sessions and the API tokens stay until it is followed."
                .to_owned(),
        ],
        ..page.confirm("send-reset", "Send the link")
    })
}

pub(super) async fn send_reset(
    web: web::Data<Services>,
    Authorized(operator): Authorized<Operator>,
    id: PathId<UserId>,
) -> Answer {
    let id = id.or(UsersError::UserNotFound)?;
    web.users
        .send_password_reset(id, Actor::from(&operator))
        .await?;
    Ok(Reply::see_other(
        Done::ResetSent.at(&format!("/admin/people/{id}")),
    ))
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
        Err(error @ (OrganizationsError::SoleOwner(_) | OrganizationsError::OwnAccount)) => {
            let page = PersonPage::load(&web, &operator, &caller, id, None).await?;
            Reply::invalid(&PersonPage {
                refusal: Some(error.to_string()),
                ..page
            })
        }
        Err(error) => Err(error.into()),
    }
}
