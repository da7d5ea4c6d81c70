//! The passkeys of a person. A script adds them (`assets/passkeys.js`).

use actix_web::web;
use askama::Template;
use tenantry_core::{access::SessionCaller, event::DomainEvent as _, id::PasskeyId};
use tenantry_domain_events::events::users::SecondFactorRemoved;
use tenantry_http::{Access, Authorized, LenientQuery, PathId, Routes};
use tenantry_users::{Passkey, UsersError};

use super::{confirm::ConfirmPage, tabs::TABS};
use crate::{
    Services,
    done::Done,
    frame::Frame,
    html::{Answer, Reply},
    page_query::PageQuery,
};

const PAGE: &str = "/account/passkeys";

pub(super) fn routes() -> Routes {
    const SESSION: Access = Access::user().session_only().or_unverified();

    Routes::new()
        .page(PAGE, SESSION, show)
        .page("/account/passkeys/{id}/remove", SESSION, confirm_removal)
        .form("/account/passkeys/{id}/remove", SESSION, remove)
        .records(&[SecondFactorRemoved::NAME])
}

#[derive(Template)]
#[template(path = "account/passkeys.html")]
struct PasskeysPage {
    frame: Frame,
    tab: &'static str,
    list: Vec<Passkey>,
    /// Whether the second factor was checked too long ago for a change.
    needs_check: bool,
}

async fn show(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(query): LenientQuery<PageQuery>,
) -> Answer {
    let factors = web.users.second_factors(&caller).await?;
    Reply::page(&PasskeysPage {
        frame: Frame::personal(&web, &caller, query.done.0).await?,
        tab: "/account/security",
        needs_check: !factors.passkeys.is_empty() && factors.verified_until.is_none(),
        list: factors.passkeys,
    })
}

async fn confirm_removal(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<PasskeyId>,
    LenientQuery(PageQuery { .. }): LenientQuery<PageQuery>,
) -> Answer {
    let id = id.or(UsersError::PasskeyNotFound)?;
    let factors = web.users.second_factors(&caller).await?;
    let is_last = factors.factors.len() == 1;
    let passkey = factors.passkeys.into_iter().find(|it| it.id == id);
    let passkey = passkey.ok_or(UsersError::PasskeyNotFound)?;
    let mut effects = vec![format!("You no longer sign in with “{}”.", passkey.name)];
    if is_last {
        effects.push(
            "It is your last second factor: signing in needs the password alone, and your recovery \
             codes are of no use any more."
                .to_owned(),
        );
    }
    Reply::page(&ConfirmPage {
        frame: Frame::personal(&web, &caller, None).await?,
        tab: "/account/security",
        title: "Remove the passkey?".to_owned(),
        effects,
        action: format!("{PAGE}/{id}/remove"),
        button: "Remove the passkey",
    })
}

async fn remove(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<PasskeyId>,
) -> Answer {
    let id = id.or(UsersError::PasskeyNotFound)?;
    let removed = web.users.passkeys().remove_passkey(&caller, id).await;
    match removed {
        // The page asks for the second factor.
        Err(UsersError::Access(_)) => Ok(Reply::see_other(PAGE)),
        removed => {
            removed?;
            Ok(Reply::see_other(Done::PasskeyRemoved.at(PAGE)))
        }
    }
}
