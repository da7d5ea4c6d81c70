//! Removing the authenticator app.

use actix_web::web;
use askama::Template;
use tenantry_core::{access::SessionCaller, request};
use tenantry_http::{Authorized, FieldErrors, Form, LenientQuery, RateLimiter};
use tenantry_users::{
    FactorRemoval, PasswordInput, SecondFactorCode, UsersError, count_code_check,
    count_password_check,
};

use super::{super::tabs::TABS, paths::SECURITY};
use crate::{
    Services,
    done::Done,
    form_view::FormView,
    frame::Frame,
    html::{Answer, Reply},
    page_query::PageQuery,
    pages::second_step::WRONG_CODE,
};

request! {
    /// The proofs that it is the account's owner: a session could be stolen.
    pub(super) struct Remove {
        /// The current password.
        current_password: PasswordInput,
        /// Six digits of the app, or a recovery code.
        code: SecondFactorCode,
    }
}

#[derive(Template)]
#[template(path = "account/factors/remove.html")]
struct RemovePage {
    frame: Frame,
    tab: &'static str,
    form: FormView,
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(PageQuery { .. }): LenientQuery<PageQuery>,
) -> Answer {
    if !caller.second_factor().is_set_up() {
        return Ok(Reply::see_other(SECURITY));
    }
    Reply::page(&RemovePage {
        frame: Frame::personal(&web, &caller, None).await?,
        tab: SECURITY,
        form: FormView::empty(),
    })
}

pub(super) async fn remove(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    throttle: RateLimiter,
    form: Form<Remove>,
) -> Answer {
    count_password_check(&throttle, &caller)?;
    let errors = match form.values {
        Ok(values) => {
            count_code_check(&throttle, &caller)?;
            let removal = FactorRemoval {
                current: values.current_password,
                code: values.code,
            };
            match web.users.remove_totp(&caller, removal).await {
                Ok(()) => return Ok(Reply::see_other(Done::AppRemoved.at(SECURITY))),
                // Another request was faster.
                Err(UsersError::NoSecondFactor) => return Ok(Reply::see_other(SECURITY)),
                Err(UsersError::WrongPassword) => FieldErrors::one("current_password", "is wrong"),
                Err(UsersError::WrongCode) => FieldErrors::one("code", WRONG_CODE),
                Err(error) => return Err(error.into()),
            }
        }
        Err(errors) => errors,
    };
    Reply::invalid(&RemovePage {
        frame: Frame::personal(&web, &caller, None).await?,
        tab: SECURITY,
        form: FormView::invalid(form.sent, errors),
    })
}
