//! The deliveries of events: what waits, and what failed for good.

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::SessionCaller,
    outbox::{Backlog, DeadLetter},
    request,
};
use tenantry_http::{Authorized, Form, Problem, Query};

use super::tabs::TABS;
use crate::{
    Services,
    done::Done,
    fields::Listener,
    frame::Frame,
    html::{Answer, Reply},
    page_query::PageQuery,
};

/// How many dead letters the page shows.
const SHOWN: usize = 50;

request! {
    /// A listener.
    pub(super) struct OfListener {
        /// Its name.
        listener: Listener,
    }
}

#[derive(Template)]
#[template(path = "admin/events.html")]
struct EventsPage {
    frame: Frame,
    tab: &'static str,
    is_superuser: bool,
    backlog: Vec<Row>,
    dead: Vec<DeadLetter>,
}

/// A listener with what waits for it.
struct Row {
    backlog: Backlog,
    /// Whether this program has the listener.
    is_known: bool,
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    Query(query): Query<PageQuery>,
) -> Answer {
    let backlog = web.deliveries.backlog().await?;
    let rows = backlog.into_iter().map(|backlog| Row {
        is_known: web.deliveries.has_listener(&backlog.listener),
        backlog,
    });
    let mut dead = web.deliveries.dead_letters(None).await?;
    dead.truncate(SHOWN);
    Reply::page(&EventsPage {
        frame: Frame::admin(&web, &caller, query.done.0).await?,
        tab: "/admin/events",
        is_superuser: true,
        backlog: rows.collect(),
        dead,
    })
}

pub(super) async fn retry(web: web::Data<Services>, form: Form<OfListener>) -> Answer {
    let listener = listener(form)?;
    web.deliveries.retry(&listener).await?;
    Ok(Reply::see_other(
        Done::DeadLettersRequeued.at("/admin/events"),
    ))
}

/// Only what waits for a listener that this program no longer has can be dropped.
pub(super) async fn forget(web: web::Data<Services>, form: Form<OfListener>) -> Answer {
    let listener = listener(form)?;
    web.deliveries.forget(&listener).await?;
    Ok(Reply::see_other(
        Done::DeliveriesDropped.at("/admin/events"),
    ))
}

fn listener(form: Form<OfListener>) -> Result<String, Problem> {
    let values = form
        .values
        .map_err(|_| Problem::from_status(actix_web::http::StatusCode::UNPROCESSABLE_ENTITY))?;
    Ok(values.listener.0)
}
