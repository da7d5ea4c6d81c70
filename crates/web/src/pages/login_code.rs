//! The second step of signing in.

use actix_web::web;
use askama::Template;
use serde_json::json;
use tenantry_core::{access::SessionCaller, event::DomainEvent as _, request};
use tenantry_domain_events::events::users::UserSignedIn;
use tenantry_http::{Access, Authorized, Form, LenientQuery, Routes};
use tenantry_users::{
    ClientInfo, LoginAttempt, PendingLoginCookie, SecondFactorCode, SessionCookie,
};

use crate::{
    Services,
    done::Done,
    form_view::FormView,
    frame::Frame,
    html::{Answer, Reply},
    next::Next,
    pages::{
        second_step::{self, Outcome, Visit},
        start::home,
    },
};

const PATH: &str = "/login/code";

pub(super) fn routes() -> Routes {
    Routes::new()
        .page(PATH, Access::visitor(), show)
        .form(PATH, Access::anyone(), complete)
        .sample(|values| json!({"code": values.code}))
        .records(&[UserSignedIn::NAME])
}

request! {
    /// Where to go afterwards.
    struct CodeQuery {
        /// A path of this server; any other value is ignored.
        next: Option<String>,
    }
}

request! {
    /// The code of the second factor.
    struct Complete {
        /// Six digits of the authenticator app, or a recovery code.
        code: SecondFactorCode,
        /// Where to go afterwards.
        next: Option<String>,
    }
}

#[derive(Template)]
#[template(path = "login_code.html")]
struct CodePage {
    frame: Frame,
    form: FormView,
    next: Option<Next>,
}

async fn show(
    web: web::Data<Services>,
    Authorized(caller): Authorized<Option<SessionCaller>>,
    pending: PendingLoginCookie,
    LenientQuery(query): LenientQuery<CodeQuery>,
) -> Answer {
    let next = query.next.as_deref().and_then(Next::of);
    if second_step::pending_login(&web, &pending).await?.is_some() {
        let (frame, form) = (Frame::public(&web, None), FormView::empty());
        return Reply::page(&CodePage { frame, form, next });
    }
    let path = match (caller, next) {
        (Some(_), Some(next)) => next.as_str().to_owned(),
        (Some(caller), None) => home(&web, &caller).await?,
        (None, next) => login(next.as_ref()),
    };
    Ok(Reply::see_other(path))
}

async fn complete(
    web: web::Data<Services>,
    client: ClientInfo,
    attempt: LoginAttempt,
    pending: PendingLoginCookie,
    cookie: SessionCookie,
    form: Form<Complete>,
) -> Answer {
    let next = Next::of(form.sent.text("next"));
    let visit = Visit {
        client,
        attempt,
        pending,
        cookie,
    };
    let code = form.values.map(|values| values.code);
    match second_step::complete(&web, visit, code).await? {
        Outcome::SignedIn(_) => {
            let path = next.map_or_else(|| "/".to_owned(), |next| next.as_str().to_owned());
            Ok(Reply::see_other(path))
        }
        Outcome::Wrong(errors) => {
            let (frame, form) = (
                Frame::public(&web, None),
                FormView::invalid(form.sent, errors),
            );
            Reply::invalid(&CodePage { frame, form, next })
        }
        Outcome::Ended => Ok(Reply::see_other(Done::LoginEnded.at(&login(next.as_ref())))),
    }
}

/// The first step of signing in.
fn login(next: Option<&Next>) -> String {
    next.map_or_else(|| "/login".to_owned(), Next::login)
}
