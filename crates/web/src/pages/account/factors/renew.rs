//! New recovery codes.

use actix_web::web;
use askama::Template;
use tenantry_core::{access::SessionCaller, request};
use tenantry_http::{Authorized, FieldErrors, Form, LenientQuery, RateLimiter};
use tenantry_users::{PasswordInput, UsersError, count_password_check};

use super::{super::tabs::TABS, codes, paths::SECURITY};
use crate::{
    Services,
    form_view::FormView,
    frame::Frame,
    html::{Answer, Reply},
    page_query::PageQuery,
};

request! {
    /// The proof that it is the account's owner.
    pub(super) struct Renew {
        /// The current password.
        current_password: PasswordInput,
    }
}

#[derive(Template)]
#[template(path = "account/factors/renew.html")]
struct RenewPage {
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
    caller.second_factor().require_recent()?;
    Reply::page(&RenewPage {
        frame: Frame::personal(&web, &caller, None).await?,
        tab: SECURITY,
        form: FormView::empty(),
    })
}

/// The response to the form shows the codes.
pub(super) async fn renew(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    throttle: RateLimiter,
    form: Form<Renew>,
) -> Answer {
    count_password_check(&throttle, &caller)?;
    let errors = match form.values {
        Ok(values) => {
            let current = values.current_password;
            match web.users.renew_recovery_codes(&caller, current).await {
                Ok(new) => {
                    let title = "You have new recovery codes";
                    return codes::page(&web, &caller, title, &new).await;
                }
                Err(UsersError::NoSecondFactor) => return Ok(Reply::see_other(SECURITY)),
                Err(UsersError::WrongPassword) => FieldErrors::one("current_password", "is wrong"),
                Err(error) => return Err(error.into()),
            }
        }
        Err(errors) => errors,
    };
    Reply::invalid(&RenewPage {
        frame: Frame::personal(&web, &caller, None).await?,
        tab: SECURITY,
        form: FormView::invalid(form.sent, errors),
    })
}
