//! A check of the second factor again, on the way to what asks for a recent one.

use actix_web::web;
use askama::Template;
use tenantry_core::{access::SessionCaller, request};
use tenantry_http::{Authorized, FieldErrors, Form, LenientQuery, Problem, RateLimiter};
use tenantry_users::{SecondFactorCode, UsersError, count_code_check};

use super::{super::tabs::TABS, paths::SECURITY};
use crate::{
    Services,
    done::Done,
    form_view::FormView,
    frame::Frame,
    html::{Answer, Reply},
    next::Next,
    pages::second_step::WRONG_CODE,
};

request! {
    /// Where to go afterwards.
    pub(super) struct VerifyQuery {
        /// A path of this server; any other value is ignored.
        next: Option<String>,
    }
}

request! {
    /// The code of the second factor.
    pub(super) struct Check {
        /// Six digits of the authenticator app, or a recovery code.
        code: SecondFactorCode,
        /// Where to go afterwards.
        next: Option<String>,
    }
}

#[derive(Template)]
#[template(path = "account/factors/verify.html")]
struct VerifyPage {
    frame: Frame,
    tab: &'static str,
    form: FormView,
    next: Option<Next>,
}

impl VerifyPage {
    async fn load(
        web: &Services,
        caller: &SessionCaller,
        form: FormView,
        next: Option<Next>,
    ) -> Result<Self, Problem> {
        Ok(Self {
            frame: Frame::personal(web, caller, None).await?,
            tab: SECURITY,
            form,
            next,
        })
    }
}

/// Where the person wanted to go.
fn destination(next: Option<&Next>) -> String {
    next.map_or(SECURITY, Next::as_str).to_owned()
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(query): LenientQuery<VerifyQuery>,
) -> Answer {
    let next = query.next.as_deref().and_then(Next::of);
    if !caller.second_factor().is_set_up() {
        return Ok(Reply::see_other(destination(next.as_ref())));
    }
    Reply::page(&VerifyPage::load(&web, &caller, FormView::empty(), next).await?)
}

pub(super) async fn check(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    throttle: RateLimiter,
    form: Form<Check>,
) -> Answer {
    let next = Next::of(form.sent.text("next"));
    let errors = match form.values {
        Ok(values) => {
            count_code_check(&throttle, &caller)?;
            match web.users.verify_second_factor(&caller, values.code).await {
                Ok(()) => {
                    let path = destination(next.as_ref());
                    return Ok(Reply::see_other(Done::Verified.at(&path)));
                }
                // It was removed meanwhile, so nothing asks for it any more.
                Err(UsersError::NoSecondFactor) => {
                    return Ok(Reply::see_other(destination(next.as_ref())));
                }
                Err(UsersError::WrongCode) => FieldErrors::one("code", WRONG_CODE),
                Err(error) => return Err(error.into()),
            }
        }
        Err(errors) => errors,
    };
    let form = FormView::invalid(form.sent, errors);
    Reply::invalid(&VerifyPage::load(&web, &caller, form, next).await?)
}
