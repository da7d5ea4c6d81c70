//! The deliveries of events and the jobs: what waits, and what failed for good.

use std::cmp::Reverse;

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::SessionCaller,
    outbox::{Backlog, DeadLetter},
    request,
};
use tenantry_domain_events::JobStatus;
use tenantry_http::{Authorized, Form, LenientQuery, Problem};
use tenantry_organizations::OrganizationsError;

use super::{confirm::ConfirmPage, tabs::TABS};
use crate::{
    Services,
    done::Done,
    fields::{Filled, Lenient, Listener},
    frame::Frame,
    html::{Answer, Reply},
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

request! {
    /// Which deliveries to show.
    pub(super) struct EventsQuery {
        /// Only those of listeners whose name contains this text.
        listener: Option<Filled<Listener>>,
        /// What a form did.
        done: Lenient<Done>,
    }
}

#[derive(Template)]
#[template(path = "admin/events.html")]
struct EventsPage {
    frame: Frame,
    tab: &'static str,
    is_superuser: bool,
    backlog: Vec<Row>,
    jobs: Vec<JobStatus>,
    dead: Vec<DeadLetter>,
    search: String,
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
    LenientQuery(query): LenientQuery<EventsQuery>,
) -> Answer {
    let search = query.listener.and_then(|listener| listener.0);
    let search = search.map_or_else(String::new, |listener| listener.0);
    let backlog = web.deliveries.backlog().await?;
    let backlog = backlog.into_iter();
    let backlog = backlog.filter(|backlog| backlog.listener.contains(&search));
    let rows = backlog.map(|backlog| Row {
        is_known: web.deliveries.has_listener(&backlog.listener),
        backlog,
    });
    let mut jobs = web.jobs.status().await?;
    jobs.retain(|job| job.backlog.job.contains(&search));
    let mut dead = web.deliveries.dead_letters(None).await?;
    dead.extend(web.jobs.dead_letters(None).await?);
    dead.retain(|letter| letter.listener.contains(&search));
    dead.sort_by_key(|letter| Reverse(letter.dead_at));
    dead.truncate(SHOWN);
    Reply::page(&EventsPage {
        frame: Frame::admin(&web, &caller, query.done.0).await?,
        tab: "/admin/events",
        is_superuser: true,
        backlog: rows.collect(),
        jobs,
        dead,
        search,
    })
}

/// A page of a listener, or a handler of jobs, that this program no longer has.
pub(super) async fn confirm_dropping(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(query): LenientQuery<EventsQuery>,
) -> Answer {
    let wanted = query.listener.and_then(|listener| listener.0);
    let wanted = wanted.filter(|listener| {
        !web.deliveries.has_listener(&listener.0) && !web.jobs.has_handler(&listener.0)
    });
    let Listener(listener) = wanted.ok_or(OrganizationsError::RouteNotFound)?;
    let mut all = web.deliveries.backlog().await?.into_iter();
    let backlog = all.find(|backlog| backlog.listener == listener);
    let (pending, dead) = backlog.map_or((0, 0), |backlog| (backlog.pending, backlog.dead));
    let mut all = web.jobs.status().await?.into_iter();
    let jobs = all.find(|job| job.backlog.job == listener);
    let (waiting, dead_jobs) = jobs.map_or((0, 0), |JobStatus { backlog, .. }| {
        (
            backlog.scheduled + backlog.due + backlog.parked,
            backlog.dead,
        )
    });
    Reply::page(&ConfirmPage {
        frame: Frame::admin(&web, &caller, None).await?,
        tab: "/admin/events",
        is_superuser: true,
        title: format!("Drop what waits for {listener}?"),
        effects: vec![
            format!("Deliveries and jobs that wait: {}.", pending + waiting),
            format!("Dead letters: {}.", dead + dead_jobs),
            "This program has no such listener; an older one that still runs may have it."
                .to_owned(),
        ],
        action: "/admin/events/forget".to_owned(),
        field: Some(("listener", listener)),
        choice: None,
        button: "Drop what waits",
        back: "/admin/events".to_owned(),
    })
}

pub(super) async fn retry(web: web::Data<Services>, form: Form<OfListener>) -> Answer {
    let listener = listener(form)?;
    let done = match web.deliveries.retry(&listener).await? {
        0 => Done::NothingToDeliver,
        _ => Done::DeadLettersRequeued,
    };
    Ok(Reply::see_other(done.at("/admin/events")))
}

/// Only what waits for a listener or a handler that this program no longer has can be dropped.
pub(super) async fn forget(web: web::Data<Services>, form: Form<OfListener>) -> Answer {
    let listener = listener(form)?;
    let dropped = if web.deliveries.has_listener(&listener) || web.jobs.has_handler(&listener) {
        0
    } else {
        web.deliveries.forget(&listener).await? + web.jobs.forget(&listener).await?
    };
    let done = match dropped {
        0 => Done::NothingToDrop,
        _ => Done::DeliveriesDropped,
    };
    Ok(Reply::see_other(done.at("/admin/events")))
}

fn listener(form: Form<OfListener>) -> Result<String, Problem> {
    let values = form
        .values
        .map_err(|_| Problem::from_status(actix_web::http::StatusCode::UNPROCESSABLE_ENTITY))?;
    Ok(values.listener.0)
}
