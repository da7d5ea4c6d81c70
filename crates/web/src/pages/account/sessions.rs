//! The sessions of a person.

use actix_web::web;
use askama::Template;
use tenantry_core::{access::SessionCaller, id::SessionId, page::PageRequest, request};
use tenantry_http::{Authorized, LenientQuery, PathId};
use tenantry_users::{Session, SessionCookie, UsersError};

use super::{confirm::ConfirmPage, tabs::TABS};
use crate::{
    Services,
    done::Done,
    fields::Lenient,
    frame::Frame,
    html::{Answer, Reply},
    page_query::PageQuery,
    paging::Paging,
};

request! {
    /// Which sessions to show.
    pub(super) struct SessionsQuery {
        /// The cursor of the previous page.
        cursor: Option<String>,
        /// What a form did.
        done: Lenient<Done>,
    }
}

#[derive(Template)]
#[template(path = "account/sessions.html")]
struct SessionsPage {
    frame: Frame,
    tab: &'static str,
    sessions: Vec<Session>,
    paging: Paging,
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(query): LenientQuery<SessionsQuery>,
) -> Answer {
    let request = PageRequest {
        cursor: query.cursor,
        ..PageRequest::default()
    };
    let page = web.users.sessions(&caller, &request).await?;
    Reply::page(&SessionsPage {
        frame: Frame::personal(&web, &caller, query.done.0).await?,
        tab: "/account/sessions",
        sessions: page.items,
        paging: Paging::new(
            "/account/sessions",
            &[],
            &request,
            page.next_cursor.as_deref(),
        ),
    })
}

pub(super) async fn confirm_end(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<SessionId>,
    LenientQuery(PageQuery { .. }): LenientQuery<PageQuery>,
) -> Answer {
    let id = id.or(UsersError::UnknownSession)?;
    let session = web.users.session(&caller, id).await?;
    let program = session.user_agent.map(|agent| agent.to_string());
    let program = program.unwrap_or_else(|| "an unknown program".to_owned());
    let frame = Frame::personal(&web, &caller, None).await?;
    let last_seen = frame.dates.show(&session.last_seen_at).text;
    Reply::page(&ConfirmPage {
        frame,
        tab: "/account/sessions",
        title: "End the session?".to_owned(),
        effects: vec![
            format!("It is the one of {program}, last seen {last_seen}."),
            "It is signed out. Your other sessions and your API tokens stay.".to_owned(),
        ],
        action: format!("/account/sessions/{id}/end"),
        button: "End the session",
    })
}

pub(super) async fn end(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<SessionId>,
    cookie: SessionCookie,
) -> Answer {
    let id = id.or(UsersError::UnknownSession)?;
    web.users.end_session(&caller, id).await?;
    if caller.session() == id {
        cookie.clear();
        return Ok(Reply::see_other(Done::LoggedOut.at("/login")));
    }
    Ok(Reply::see_other(Done::SessionEnded.at("/account/sessions")))
}
