//! The confirmation of an address, with a mailed link.

use actix_web::web;
use askama::Template;
use tenantry_core::request;
use tenantry_http::{Form, LenientQuery, RateLimiter};
use tenantry_users::{ClientInfo, LOGINS, UsersError};

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
    /// The confirmation.
    pub(super) struct Verify {
        /// The secret, or the link.
        token: Pasted,
    }
}

#[derive(Template)]
#[template(path = "recovery/verify.html")]
struct VerifyPage {
    frame: Frame,
    form: FormView,
}

pub(super) async fn show(
    web: web::Data<Services>,
    LenientQuery(query): LenientQuery<PageQuery>,
) -> Answer {
    let frame = Frame::public(&web, query.done.0);
    let form = FormView::empty();
    Reply::page(&VerifyPage { frame, form })
}

pub(super) async fn confirm(
    web: web::Data<Services>,
    client: ClientInfo,
    throttle: RateLimiter,
    form: Form<Verify>,
) -> Answer {
    let form = match form.values {
        Ok(values) => {
            throttle.check_address(LOGINS)?;
            let Pasted(secret) = values.token;
            match web.users.verify_email(&secret, &client).await {
                Ok(()) => return Ok(Reply::see_other(Done::EmailConfirmed.at("/verify"))),
                Err(UsersError::DeadLink) => FormView::refusal(DEAD_LINK.to_owned()),
                Err(UsersError::EmailTaken) => {
                    FormView::refusal("Another account has this address by now.".to_owned())
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(errors) => FormView::invalid(form.sent, errors),
    };
    let frame = Frame::public(&web, None);
    Reply::invalid(&VerifyPage { frame, form })
}
