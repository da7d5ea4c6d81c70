//! The log with its filters.

use std::collections::BTreeMap;

use actix_web::web;
use askama::Template;
use tenantry_audit::AuditFilter;
use tenantry_core::{
    access::{SessionCaller, TenantContext},
    id::UserId,
    page::{PageRequest, PageSize},
    request,
    value::SearchText,
};
use tenantry_http::{Authorized, LenientQuery};
use tenantry_organizations::MembersFilter;

use super::{
    entry::{People, Row},
    words::known_events,
};
use crate::{
    Services,
    fields::Filled,
    frame::{Frame, Section},
    html::{Answer, Reply},
    pages::event_words,
    paging::Paging,
    when::Day,
};

request! {
    /// Which entries to show. An empty field is no filter.
    pub(super) struct ListQuery {
        /// Only events of this wire name.
        action: Option<Filled<SearchText>>,
        /// Only events by this person.
        actor: Option<Filled<UserId>>,
        /// Only events on this day or later.
        from: Option<Filled<Day>>,
        /// Only events on this day or before.
        to: Option<Filled<Day>>,
        /// The cursor of the previous page.
        cursor: Option<String>,
    }
}

#[derive(Template)]
#[template(path = "audit_log.html")]
struct LogPage {
    frame: Frame,
    path: String,
    rows: Vec<Row>,
    /// The wire names to choose from, by their words.
    actions: BTreeMap<String, String>,
    action: String,
    people: Vec<(String, String)>,
    actor: String,
    from: String,
    to: String,
    paging: Paging,
}

impl LogPage {
    fn is_filtered(&self) -> bool {
        let filters = [&self.action, &self.actor, &self.from, &self.to];
        filters.iter().any(|filter| !filter.is_empty())
    }
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(query): LenientQuery<ListQuery>,
) -> Answer {
    let frame = Frame::tenant(&web, &caller, &ctx, Section::AuditLog, None).await?;
    let action = query.action.and_then(|action| action.0);
    let actor = query.actor.and_then(|actor| actor.0);
    let from = query.from.and_then(|day| day.0);
    let to = query.to.and_then(|day| day.0);
    let wanted = AuditFilter {
        action: action.map(SearchText::into_text),
        actor,
        from: from.and_then(|day| frame.dates.start_of(day)),
        to: to.and_then(|day| frame.dates.end_of(day)),
    };
    let request = PageRequest {
        cursor: query.cursor,
        ..PageRequest::default()
    };
    let page = web.audit.list(&ctx, &wanted, &request).await?;
    let most = PageRequest {
        limit: PageSize::new(100).unwrap_or_default(),
        cursor: None,
    };
    let members = &web.organizations.members;
    let members = members
        .search(&ctx, &MembersFilter::default(), &most)
        .await?;
    let people = People::of(members.items, &page.items);
    let rows = page.items.into_iter();
    let rows = rows.map(|entry| Row::of(entry, &people, &frame.dates));

    let action = wanted.action.unwrap_or_default();
    let mut actions = known_events();
    if !action.is_empty() {
        actions.insert(event_words(&action), action.clone());
    }
    let day = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
    let (from, to) = (day(from), day(to));
    let actor = actor.map(|id| id.to_string()).unwrap_or_default();
    let path = format!("{}/audit-log", frame.organization_path());
    let filters = [
        ("action", &*action),
        ("actor", &actor),
        ("from", &from),
        ("to", &to),
    ];
    let next = page.next_cursor.as_deref();
    let paging = Paging::new(&path, &filters, &request, next);
    Reply::page(&LogPage {
        rows: rows.collect(),
        frame,
        path,
        actions,
        action,
        people: people.choices(&actor),
        actor,
        from,
        to,
        paging,
    })
}
