//! The person's name and address.

use actix_web::web;
use askama::Template;
use tenantry_core::{access::SessionCaller, request, value::Name};
use tenantry_http::{Authorized, Form, LenientQuery};

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
    /// The person's name.
    pub(super) struct Rename {
        /// The new name.
        name: Name,
    }
}

#[derive(Template)]
#[template(path = "account/profile.html")]
struct ProfilePage {
    frame: Frame,
    tab: &'static str,
    form: FormView,
}

impl ProfilePage {
    const fn new(frame: Frame, form: FormView) -> Self {
        Self {
            frame,
            tab: "/account",
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
    let person = frame.person.as_ref();
    let name = person.map_or("", |person| person.name.as_str());
    let form = FormView::of(&[("name", name)]);
    Reply::page(&ProfilePage::new(frame, form))
}

pub(super) async fn rename(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    form: Form<Rename>,
) -> Answer {
    match form.values {
        Ok(values) => {
            web.users.rename(&caller, values.name).await?;
            Ok(Reply::see_other(Done::ProfileChanged.at("/account")))
        }
        Err(errors) => {
            let frame = Frame::personal(&web, &caller, None).await?;
            let form = FormView::invalid(form.sent, errors);
            Reply::invalid(&ProfilePage::new(frame, form))
        }
    }
}
