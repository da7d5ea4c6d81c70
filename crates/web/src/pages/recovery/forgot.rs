//! Asking for a link that resets the password.

use actix_web::web;
use askama::Template;
use tenantry_core::request;
use tenantry_http::{Form, LenientQuery, RateLimiter};
use tenantry_users::{ClientInfo, Email, LOGINS};

use crate::{
    Services,
    done::Done,
    form_view::FormView,
    frame::Frame,
    html::{Answer, Reply},
    page_query::PageQuery,
};

request! {
    /// The account whose password is forgotten.
    pub(super) struct Forgot {
        /// Its address.
        email: Email,
    }
}

#[derive(Template)]
#[template(path = "recovery/forgot.html")]
struct ForgotPage {
    frame: Frame,
    form: FormView,
}

pub(super) async fn show(
    web: web::Data<Services>,
    LenientQuery(query): LenientQuery<PageQuery>,
) -> Answer {
    let frame = Frame::public(&web, query.done.0);
    let form = FormView::empty();
    Reply::page(&ForgotPage { frame, form })
}

/// One answer for every address.
pub(super) async fn ask(
    web: web::Data<Services>,
    client: ClientInfo,
    throttle: RateLimiter,
    form: Form<Forgot>,
) -> Answer {
    match form.values {
        Ok(values) => {
            throttle.check_address(LOGINS)?;
            web.users.forgot_password(&values.email, &client).await?;
            Ok(Reply::see_other(Done::ResetRequested.at("/login")))
        }
        Err(errors) => {
            let frame = Frame::public(&web, None);
            let form = FormView::invalid(form.sent, errors);
            Reply::invalid(&ForgotPage { frame, form })
        }
    }
}
