//! A new password, with a mailed link.

use actix_web::web;
use askama::Template;
use tenantry_core::request;
use tenantry_http::{Form, LenientQuery, RateLimiter};
use tenantry_users::{ClientInfo, LOGINS, Password, UsersError};

use super::pasted::{DEAD_LINK, Pasted};
use crate::{
    Services,
    done::Done,
    form_view::FormView,
    frame::Frame,
    html::{Answer, Reply},
    page_query::PageQuery,
};

request! {
    /// A new password.
    pub(super) struct Reset {
        /// The secret, or the link.
        token: Pasted,
        /// The new password.
        new_password: Password,
    }
}

#[derive(Template)]
#[template(path = "recovery/reset.html")]
struct ResetPage {
    frame: Frame,
    form: FormView,
}

pub(super) async fn show(
    web: web::Data<Services>,
    LenientQuery(query): LenientQuery<PageQuery>,
) -> Answer {
    let frame = Frame::public(&web, query.done.0);
    let form = FormView::empty();
    Reply::page(&ResetPage { frame, form })
}

pub(super) async fn set(
    web: web::Data<Services>,
    client: ClientInfo,
    throttle: RateLimiter,
    form: Form<Reset>,
) -> Answer {
    let form = match form.values {
        Ok(values) => {
            throttle.check_address(LOGINS)?;
            let Pasted(secret) = values.token;
            let reset = web
                .users
                .recover_password(&secret, values.new_password, &client);
            match reset.await {
                Ok(()) => return Ok(Reply::see_other(Done::PasswordReset.at("/login"))),
                Err(UsersError::DeadLink) => FormView::refusal(DEAD_LINK.to_owned()),
                Err(error) => return Err(error.into()),
            }
        }
        Err(errors) => FormView::invalid(form.sent, errors),
    };
    let frame = Frame::public(&web, None);
    Reply::invalid(&ResetPage { frame, form })
}
