//! The start page.

use actix_web::web;
use askama::Template;
use tenantry_core::access::SessionCaller;
use tenantry_http::{Access, Authorized, LenientQuery, Routes};
use tenantry_organizations::SignupPolicy;

use crate::{
    Services,
    frame::Frame,
    html::{Answer, Reply},
    page_query::PageQuery,
};

pub(super) fn routes() -> Routes {
    Routes::new().page("/", Access::visitor(), start)
}

#[derive(Template)]
#[template(path = "start.html")]
struct Start {
    frame: Frame,
    is_signup_open: bool,
}

async fn start(
    web: web::Data<Services>,
    Authorized(caller): Authorized<Option<SessionCaller>>,
    LenientQuery(query): LenientQuery<PageQuery>,
) -> Answer {
    if let Some(caller) = caller {
        let home = home(&web, &caller).await?;
        let with_message = query.done.0.map(|done| done.at(&home));
        return Ok(Reply::see_other(with_message.unwrap_or(home)));
    }
    Reply::page(&Start {
        frame: Frame::public(&web, query.done.0),
        is_signup_open: web.signup == SignupPolicy::Open,
    })
}

/// Where a signed-in person begins: the current organization, or the list of organizations.
pub(super) async fn home(
    web: &Services,
    caller: &SessionCaller,
) -> Result<String, tenantry_http::Problem> {
    let me = web.organizations.organizations.me(caller).await?;
    let current = me.current_organization;
    Ok(current.map_or_else(
        || "/organizations".to_owned(),
        |organization| format!("/o/{}", organization.slug),
    ))
}
