//! Taking the second factors away from a person who lost them.

use actix_web::web;
use tenantry_core::{
    access::{Actor, Operator, SessionCaller},
    id::UserId,
};
use tenantry_http::{Authorized, LenientQuery, PathId};
use tenantry_users::UsersError;

use super::{confirm::ConfirmPage, person::PersonPage};
use crate::{
    Services,
    done::Done,
    html::{Answer, Reply},
    page_query::PageQuery,
};

pub(super) async fn confirm(
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
        title: format!("Take the second factor away from {name}?"),
        effects: vec![
            "Make sure first that it is this person who asks: with the password alone, anyone who knows it \
             signs in."
                .to_owned(),
            "The authenticator app and the recovery codes are of no use any more.".to_owned(),
            "All sessions of the person end, and the person gets a mail.".to_owned(),
            "Organizations that require a second factor are closed to the person until there is one again."
                .to_owned(),
        ],
        ..page.confirm("reset-second-factor", "Take it away")
    })
}

pub(super) async fn reset(
    web: web::Data<Services>,
    Authorized(operator): Authorized<Operator>,
    id: PathId<UserId>,
) -> Answer {
    let id = id.or(UsersError::UserNotFound)?;
    let path = format!("/admin/people/{id}");
    let reset = web.users.reset_second_factors(id, Actor::from(&operator));
    match reset.await {
        Ok(()) => Ok(Reply::see_other(Done::SecondFactorsReset.at(&path))),
        // The person removed it, or another operator was faster.
        Err(UsersError::NoSecondFactor) => Ok(Reply::see_other(path)),
        Err(error) => Err(error.into()),
    }
}
