//! The person's address.

use actix_web::web;
use askama::Template;
use tenantry_core::{access::SessionCaller, request};
use tenantry_http::{Authorized, FieldErrors, Form, LenientQuery, Problem, RateLimiter};
use tenantry_users::{Email, EmailChange, PasswordInput, User, UsersError, count_password_check};

use super::tabs::TABS;
use crate::{
    Services,
    done::Done,
    form_view::FormView,
    frame::Frame,
    html::{Answer, Reply},
    page_query::PageQuery,
};

const PATH: &str = "/account/email";

const TOO_MANY: &str = "Several mails were sent to this address in the last hour. Use the newest one, \
                        or try again later.";

request! {
    /// Another address.
    pub(super) struct ChangeEmail {
        /// The new address.
        email: Email,
        /// The current password.
        current_password: PasswordInput,
    }
}

#[derive(Template)]
#[template(path = "account/email.html")]
struct EmailPage {
    frame: Frame,
    tab: &'static str,
    user: User,
    form: FormView,
    /// Whether a change needs a check of the second factor first.
    must_verify: bool,
}

impl EmailPage {
    async fn new(
        web: &Services,
        caller: &SessionCaller,
        form: FormView,
        done: Option<Done>,
    ) -> Result<Self, Problem> {
        Ok(Self {
            frame: Frame::personal(web, caller, done).await?,
            tab: PATH,
            user: web.users.user(caller.user()).await?,
            form,
            must_verify: caller.second_factor().require_recent().is_err(),
        })
    }
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(query): LenientQuery<PageQuery>,
) -> Answer {
    Reply::page(&EmailPage::new(&web, &caller, FormView::empty(), query.done.0).await?)
}

/// Sends a link to the present address.
pub(super) async fn verify(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
) -> Answer {
    match web.users.request_verification(&caller).await {
        Ok(()) => Ok(Reply::see_other(Done::VerificationSent.at(PATH))),
        Err(UsersError::TooManyMails) => {
            let form = FormView::refusal(TOO_MANY.to_owned());
            Reply::invalid(&EmailPage::new(&web, &caller, form, None).await?)
        }
        Err(error) => Err(error.into()),
    }
}

/// Sends a link to another address.
pub(super) async fn change(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    throttle: RateLimiter,
    form: Form<ChangeEmail>,
) -> Answer {
    count_password_check(&throttle, &caller)?;
    let form = match form.values {
        Ok(values) => {
            let change = EmailChange {
                email: values.email,
                current: values.current_password,
            };
            match web.users.request_email_change(&caller, change).await {
                Ok(()) => return Ok(Reply::see_other(Done::EmailChangeSent.at(PATH))),
                Err(UsersError::WrongPassword) => {
                    let errors = FieldErrors::one("current_password", "is wrong");
                    FormView::invalid(form.sent, errors)
                }
                Err(UsersError::TooManyMails) => FormView::refused(form.sent, TOO_MANY),
                Err(error) => return Err(error.into()),
            }
        }
        Err(errors) => FormView::invalid(form.sent, errors),
    };
    Reply::invalid(&EmailPage::new(&web, &caller, form, None).await?)
}
