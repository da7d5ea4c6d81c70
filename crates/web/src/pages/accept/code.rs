//! The second step of signing in on the way to an invitation.

use actix_web::{http::StatusCode, web};
use askama::Template;
use tenantry_core::request;
use tenantry_http::Form;
use tenantry_organizations::InvitationSecret;
use tenantry_users::{
    ClientInfo, LoginAttempt, PendingLoginCookie, SecondFactorCode, SessionCookie,
};

use super::{
    pasted::Pasted,
    preview::{Forms, render},
    start,
};
use crate::{
    Services,
    done::Done,
    form_view::FormView,
    frame::Frame,
    html::{Answer, Reply},
    pages::second_step::{self, Outcome, Visit},
};

request! {
    /// The code of the second factor, and the invitation.
    pub(super) struct Complete {
        /// The secret of the invitation.
        token: Pasted,
        /// Six digits of the authenticator app, or a recovery code.
        code: SecondFactorCode,
    }
}

#[derive(Template)]
#[template(path = "accept/code.html")]
struct CodePage<'p> {
    frame: Frame,
    token: &'p str,
    form: FormView,
}

/// The page that asks for the code. It is an answer to a form, like the pages before and after it, so
/// the secret of the invitation stays out of addresses.
pub(super) fn ask(web: &Services, secret: &InvitationSecret) -> Answer {
    page(web, secret, StatusCode::OK, FormView::empty())
}

fn page(web: &Services, secret: &InvitationSecret, status: StatusCode, form: FormView) -> Answer {
    let page = CodePage {
        frame: Frame::public(web, None),
        token: secret.expose(),
        form,
    };
    Reply::with_status(status, &page)
}

pub(super) async fn complete(
    web: web::Data<Services>,
    client: ClientInfo,
    attempt: LoginAttempt,
    pending: PendingLoginCookie,
    cookie: SessionCookie,
    form: Form<Complete>,
) -> Answer {
    let public = Frame::public(&web, None);
    let (Ok(Pasted(secret)), sent) = (form.sent.text("token").parse(), form.sent) else {
        return start::again(public, FormView::empty());
    };
    let visit = Visit {
        client,
        attempt,
        pending,
        cookie,
    };
    let code = form.values.map(|values| values.code);
    match second_step::complete(&web, visit, code).await? {
        Outcome::SignedIn(user) => {
            let frame = Frame::of_new_session(&web, user).await?;
            render(&web, frame, &secret, StatusCode::OK, Forms::default()).await
        }
        Outcome::Wrong(errors) => {
            let form = FormView::invalid(sent, errors);
            page(&web, &secret, StatusCode::UNPROCESSABLE_ENTITY, form)
        }
        Outcome::Ended => {
            let forms = Forms {
                login: FormView::refusal(Done::LoginEnded.text().to_owned()),
                ..Forms::default()
            };
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            render(&web, public, &secret, status, forms).await
        }
    }
}
