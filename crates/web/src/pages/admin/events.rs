//! The deliveries of events: what waits, and what failed for good.

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::SessionCaller,
    outbox::{Backlog, DeadLetter},
    request,
};
use tenantry_http::{Authorized, Form, Problem, Query};

use super::TABS;
use crate::{
    Services,
    done::Done,
    fields::Listener,
    frame::Frame,
    html::{Answer, Reply},
    pages::PageQuery,
};

/// How many dead letters the page shows.
const SHOWN: usize = 50;

/// The most deliveries that one click drops.
const BATCH: u32 = 1_000;

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
    let mut backlog = web.queue.backlog().await?;
    for &listener in &*web.listeners {
        if backlog.iter().all(|known| known.listener != listener) {
            backlog.push(Backlog::none(listener));
        }
    }
    let rows = backlog.into_iter().map(|backlog| Row {
        is_known: web.listeners.contains(&&*backlog.listener),
        backlog,
    });
    let mut dead = web.queue.dead_letters(None).await?;
    dead.truncate(SHOWN);
    Reply::page(&EventsPage {
        frame: Frame::admin(&web, &caller, query.done).await?,
        tab: "/admin/events",
        is_superuser: true,
        backlog: rows.collect(),
        dead,
    })
}

pub(super) async fn retry(web: web::Data<Services>, form: Form<OfListener>) -> Answer {
    let listener = listener(form)?;
    web.queue.requeue_dead_letters(&listener).await?;
    Ok(Reply::see_other(
        Done::DeadLettersRequeued.at("/admin/events"),
    ))
}

/// Only what waits for a listener that this program no longer has can be dropped.
pub(super) async fn forget(web: web::Data<Services>, form: Form<OfListener>) -> Answer {
    let listener = listener(form)?;
    if !web.listeners.contains(&&*listener) {
        while web.queue.discard(&listener, BATCH).await? > 0 {}
    }
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
