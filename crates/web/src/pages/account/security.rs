//! The password.

use actix_web::web;
use askama::Template;
use tenantry_core::{access::SessionCaller, request};
use tenantry_http::{Authorized, FieldErrors, Form, LenientQuery, RateLimiter};
use tenantry_users::{Password, PasswordChange, PasswordInput, UsersError, count_password_check};

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
    /// A change of password.
    pub(super) struct ChangePassword {
        /// The current password.
        current_password: PasswordInput,
        /// The new password.
        new_password: Password,
    }
}

#[derive(Template)]
#[template(path = "account/security.html")]
struct SecurityPage {
    frame: Frame,
    tab: &'static str,
    form: FormView,
}

impl SecurityPage {
    const fn new(frame: Frame, form: FormView) -> Self {
        Self {
            frame,
            tab: "/account/security",
            form,
        }
    }
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(query): LenientQuery<PageQuery>,
) -> Answer {
    let frame = Frame::personal(&web, &caller, query.done.0).await?;
    Reply::page(&SecurityPage::new(frame, FormView::empty()))
}

pub(super) async fn change_password(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    throttle: RateLimiter,
    form: Form<ChangePassword>,
) -> Answer {
    count_password_check(&throttle, &caller)?;
    let errors = match form.values {
        Ok(values) => {
            let change = PasswordChange {
                current: values.current_password,
                new: values.new_password,
            };
            match web.users.change_password(&caller, change).await {
                Ok(()) => {
                    return Ok(Reply::see_other(
                        Done::PasswordChanged.at("/account/security"),
                    ));
                }
                Err(UsersError::WrongPassword) => FieldErrors::one("current_password", "is wrong"),
                Err(error) => return Err(error.into()),
            }
        }
        Err(errors) => errors,
    };
    let frame = Frame::personal(&web, &caller, None).await?;
    Reply::invalid(&SecurityPage::new(
        frame,
        FormView::invalid(form.sent, errors),
    ))
}
