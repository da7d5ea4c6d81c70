//! The part of a statement to Postgres that writes events: terms of its `WITH`.

use sea_orm::Value;

use super::append::{DELIVER, LOG, Noted, lease, start};
use crate::{db::Database, event::Envelope};

/// Terms that write the events of one stream and their deliveries. The first one is `counter`; its
/// `base` is the last number before these events. It reads `from` there, and so waits for it.
///
/// Their text depends on nothing but the number of rows and of values, so it is prepared once.
pub(crate) fn terms(
    database: &Database,
    events: &[&mut Envelope],
    deliveries: &[Noted],
    values: &mut Vec<Value>,
    from: &str,
) -> String {
    let [stream, count, organization] = start(events).map(|value| bind(values, value));
    let types = [
        "uuid",
        "text",
        "int",
        "text",
        "uuid",
        "uuid",
        "timestamptz",
        "jsonb",
    ];
    let rows = listed(values, events.iter().enumerate().map(row_of_log), &types);
    let mut terms = format!(
        "counter AS (
           INSERT INTO event_streams AS s (stream_id, last_number)
           SELECT {stream}::uuid, {count}::bigint {from}
           ON CONFLICT (stream_id) DO UPDATE
           SET last_number = s.last_number + excluded.last_number
           RETURNING last_number - {count} AS base
         ), log AS ({LOG}
           SELECT {stream}, base + e.place, e.id, {organization}, e.name, e.version, e.kind,
                  e.actor_id, e.request_id, e.occurred_at, e.payload
           FROM counter, (VALUES {rows}) AS e (
             place, id, name, version, kind, actor_id, request_id, occurred_at, payload)
         )"
    );
    if !deliveries.is_empty() {
        let (now, until) = lease(database);
        let now = bind(values, now.into());
        let delivery = |noted: &Noted| {
            let event = &events[noted.place];
            let row = [
                noted.listener.into(),
                event.id.into(),
                event.name.clone().into(),
                noted.inline.then(|| database.process()).into(),
                noted.inline.then_some(until).into(),
            ];
            (noted.place, row)
        };
        let types = ["text", "uuid", "text", "uuid", "timestamptz"];
        let rows = listed(values, deliveries.iter().map(delivery), &types);
        terms.push_str(&format!(
            ", deliveries AS ({DELIVER}
               SELECT d.listener, {stream}, base + d.place, {organization} IS NOT NULL, d.event_id,
                      d.event_name, {now}, 0, {now}, d.leased_by, d.leased_until
               FROM counter, (VALUES {rows}) AS d (
                 place, listener, event_id, event_name, leased_by, leased_until)
             )"
        ));
    }
    terms
}

/// What an entry of the log has of its own, and its place among the events.
fn row_of_log((place, event): (usize, &&mut Envelope)) -> (usize, [Value; 8]) {
    let row = [
        event.id.into(),
        event.name.clone().into(),
        i32::from(event.version).into(),
        event.kind.as_str().into(),
        event.actor_id.into(),
        event.request_id.into(),
        event.occurred_at.into(),
        event.payload.clone().into(),
    ];
    (place, row)
}

/// Binds a value, and says where.
fn bind(values: &mut Vec<Value>, value: Value) -> String {
    values.push(value);
    format!("${}", values.len())
}

/// Rows of a list of values, each with its place, from 1, and then placeholders. The first row
/// says what types they are of.
fn listed<const N: usize>(
    values: &mut Vec<Value>,
    rows: impl Iterator<Item = (usize, [Value; N])>,
    types: &[&str; N],
) -> String {
    let mut list = String::new();
    for (n, (place, row)) in rows.enumerate() {
        let comma = if n == 0 { "" } else { ", " };
        list.push_str(&format!("{comma}({}", place + 1));
        for (value, of) in row.into_iter().zip(types) {
            let place = bind(values, value);
            list.push_str(&format!(", {place}::{of}"));
        }
        list.push(')');
    }
    list
}
