//! The common table expressions that insert events on Postgres.

use sea_orm::Value;

use super::event_rows::{
    INSERT_DELIVERY, INSERT_EVENT, PendingDelivery, event_values, lease_window, stream_header,
};
use crate::{db::Database, event::Envelope};

/// CTEs that insert the events of one stream and their deliveries. The first one is `counter`, whose
/// `base` is the number of the last event before these. It selects `from` other CTEs in order to run
/// after them.
///
/// The text depends only on the number of events and deliveries, so few statements are prepared.
pub(crate) fn event_ctes(
    database: &Database,
    events: &[&mut Envelope],
    deliveries: &[PendingDelivery],
    values: &mut Vec<Value>,
    from: &str,
) -> String {
    let [stream, count, organization] = stream_header(events).map(|value| bind(values, value));
    let types = [
        "uuid",
        "text",
        "int",
        "text",
        "uuid",
        "uuid",
        "timestamptz",
        "jsonb",
        "text",
        "uuid",
        "text",
        "jsonb",
        "text",
        "text",
        "text",
        "text",
    ];
    let rows = values_list(values, events.iter().enumerate().map(row_of_log), &types);
    let mut ctes = format!(
        "counter AS (
           INSERT INTO event_streams AS s (stream_id, last_number)
           SELECT {stream}::uuid, {count}::bigint {from}
           ON CONFLICT (stream_id) DO UPDATE
           SET last_number = s.last_number + excluded.last_number
           RETURNING last_number - {count} AS base
         ), log AS ({INSERT_EVENT}
           SELECT {stream}, base + e.place, e.id, {organization}, e.name, e.version, e.kind,
                  e.actor_id, e.request_id, e.occurred_at, e.payload, e.acted_by, e.token_id,
                  e.token_name, e.changes, e.client_address, e.client_program,
                  coalesce(e.actor_name, u.name), coalesce(e.actor_email, u.email)
           FROM counter, (VALUES {rows}) AS e (
             place, id, name, version, kind, actor_id, request_id, occurred_at, payload, acted_by,
             token_id, token_name, changes, client_address, client_program, actor_name, actor_email)
           LEFT JOIN user_profiles u ON u.user_id = e.actor_id
         )"
    );
    if !deliveries.is_empty() {
        let (now, until) = lease_window(database);
        let now = bind(values, now.into());
        let row_of_delivery = |delivery: &PendingDelivery| {
            let event = &events[delivery.event_index];
            let row = vec![
                delivery.listener.into(),
                event.id.into(),
                event.name.clone().into(),
                delivery.is_inline.then(|| database.process_id()).into(),
                delivery.is_inline.then_some(until).into(),
            ];
            (delivery.event_index, row)
        };
        let types = ["text", "uuid", "text", "uuid", "timestamptz"];
        let rows = values_list(values, deliveries.iter().map(row_of_delivery), &types);
        ctes.push_str(&format!(
            ", deliveries AS ({INSERT_DELIVERY}
               SELECT d.listener, {stream}, base + d.place, {organization} IS NOT NULL, d.event_id,
                      d.event_name, {now}, 0, {now}, d.leased_by, d.leased_until
               FROM counter, (VALUES {rows}) AS d (
                 place, listener, event_id, event_name, leased_by, leased_until)
             )"
        ));
    }
    ctes
}

/// The index of an event, and the values of its row that differ between the events of a stream.
fn row_of_log((index, event): (usize, &&mut Envelope)) -> (usize, Vec<Value>) {
    let (values, identity) = event_values(event);
    (index, values.into_iter().chain(identity).collect())
}

/// Binds a value and returns its placeholder.
fn bind(values: &mut Vec<Value>, value: Value) -> String {
    values.push(value);
    format!("${}", values.len())
}

/// The rows of a `VALUES` list: the index of each, from 1, and placeholders with their types.
fn values_list(
    values: &mut Vec<Value>,
    rows: impl Iterator<Item = (usize, Vec<Value>)>,
    types: &[&str],
) -> String {
    let mut list = String::new();
    for (n, (index, row)) in rows.enumerate() {
        let comma = if n == 0 { "" } else { ", " };
        list.push_str(&format!("{comma}({}", index + 1));
        for (value, sql_type) in row.into_iter().zip(types) {
            let placeholder = bind(values, value);
            list.push_str(&format!(", {placeholder}::{sql_type}"));
        }
        list.push(')');
    }
    list
}
