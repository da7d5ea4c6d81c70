//! Setting up an authenticator app: the password, then the secret, then a code of the app.

use actix_web::web;
use askama::Template;
use tenantry_core::{access::SessionCaller, request};
use tenantry_http::{Authorized, FieldErrors, Form, LenientQuery, RateLimiter};
use tenantry_users::{
    PasswordInput, SecondFactorCode, TotpEnrolment, UsersError, count_code_check,
    count_password_check,
};

use super::{
    super::tabs::TABS,
    codes,
    paths::{APP, SECURITY},
};
use crate::{
    Services,
    done::Done,
    form_view::FormView,
    frame::Frame,
    html::{Answer, Reply},
    page_query::PageQuery,
    pages::second_step::WRONG_CODE,
};

const EXISTS: &str =
    "An authenticator app is set up already. Remove it before you set up another one.";

request! {
    /// The proof that it is the account's owner.
    pub(super) struct Begin {
        /// The current password.
        current_password: PasswordInput,
    }
}

request! {
    /// The proof that the app has the secret.
    pub(super) struct Confirm {
        /// Six digits of the app.
        code: SecondFactorCode,
    }
}

#[derive(Template)]
#[template(path = "account/factors/begin.html")]
struct BeginPage {
    frame: Frame,
    tab: &'static str,
    form: FormView,
}

#[derive(Template)]
#[template(path = "account/factors/confirm.html")]
struct ConfirmPage {
    frame: Frame,
    tab: &'static str,
    /// What the app needs; nothing after a wrong code, since it is shown once.
    enrolment: Option<Shown>,
    form: FormView,
}

/// The secret of an app, to scan and to type.
struct Shown {
    /// An SVG element.
    qr_code: String,
    secret: String,
}

impl From<&TotpEnrolment> for Shown {
    fn from(enrolment: &TotpEnrolment) -> Self {
        let drawn = enrolment.qr_code();
        // The declaration of an XML document has no place in a page.
        let element = drawn.find("<svg ").map_or("", |start| &drawn[start..]);
        Self {
            qr_code: element.replacen("<svg ", r#"<svg role="img" aria-label="QR code" "#, 1),
            secret: enrolment.secret.clone(),
        }
    }
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(query): LenientQuery<PageQuery>,
) -> Answer {
    caller.second_factor().require_recent()?;
    let frame = Frame::personal(&web, &caller, query.done.0).await?;
    let form = FormView::empty();
    Reply::page(&BeginPage {
        frame,
        tab: SECURITY,
        form,
    })
}

/// The response to the form shows the secret: no address could carry it to another page.
pub(super) async fn begin(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    throttle: RateLimiter,
    form: Form<Begin>,
) -> Answer {
    count_password_check(&throttle, &caller)?;
    let form = match form.values {
        Ok(values) => match web.users.begin_totp(&caller, values.current_password).await {
            Ok(enrolment) => {
                return Reply::page(&ConfirmPage {
                    frame: Frame::personal(&web, &caller, None).await?,
                    tab: SECURITY,
                    enrolment: Some(Shown::from(&enrolment)),
                    form: FormView::empty(),
                });
            }
            Err(UsersError::WrongPassword) => {
                FormView::invalid(form.sent, FieldErrors::one("current_password", "is wrong"))
            }
            Err(UsersError::SecondFactorExists) => FormView::refused(form.sent, EXISTS),
            Err(error) => return Err(error.into()),
        },
        Err(errors) => FormView::invalid(form.sent, errors),
    };
    Reply::invalid(&BeginPage {
        frame: Frame::personal(&web, &caller, None).await?,
        tab: SECURITY,
        form,
    })
}

/// The page of the secret is an answer to a form: opened by its address, it begins again.
pub(super) async fn begin_again() -> Answer {
    Ok(Reply::see_other(APP))
}

/// The response to the form shows the recovery codes.
pub(super) async fn confirm(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    throttle: RateLimiter,
    form: Form<Confirm>,
) -> Answer {
    let errors = match form.values {
        Ok(values) => {
            count_code_check(&throttle, &caller)?;
            match web.users.confirm_totp(&caller, values.code).await {
                Ok(new) => {
                    let title = "The authenticator app is set up";
                    return codes::page(&web, &caller, title, &new).await;
                }
                Err(UsersError::WrongCode) => FieldErrors::one("code", WRONG_CODE),
                Err(UsersError::NoEnrolment) => {
                    let path = Done::EnrolmentOver.at(APP);
                    return Ok(Reply::see_other(path));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(errors) => errors,
    };
    let page = ConfirmPage {
        frame: Frame::personal(&web, &caller, None).await?,
        tab: SECURITY,
        enrolment: None,
        form: FormView::invalid(form.sent, errors),
    };
    Reply::invalid(&page)
}
