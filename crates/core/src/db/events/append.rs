//! Writing events to the log: the last statement before a commit.
//!
//! It takes the row of its stream in `event_streams` and holds it until the commit, so the order
//! of the numbers is the order of the commits. That is also why it comes last: whoever writes to
//! the same stream waits for one round trip and not for a whole unit of work.

use sea_orm::{JsonValue, Value};
use serde_json::json;

use super::{DeliveryQueue, ask};
use crate::{
    clock::Timestamp,
    db::{Backend, Database, DbError, connection::Connection},
    event::{Envelope, Timing},
};

/// Writes the events of one stream, in their order, and for each listener of each a delivery.
/// What is told inline is leased to this process right away.
pub(in crate::db) async fn append(
    database: &Database,
    connection: &Connection,
    events: &mut [&mut Envelope],
) -> Result<(), DbError> {
    let deliveries = deliveries(database, events);
    let base = match database.backend() {
        Backend::Postgres => on_postgres(database, connection, events, &deliveries).await?,
        Backend::Sqlite => on_sqlite(database, connection, events, &deliveries).await?,
    };
    for (event, number) in events.iter_mut().zip(base + 1..) {
        event.number = number;
    }
    Ok(())
}

/// A delivery to be noted: of the event at this place, to this listener.
struct Noted {
    place: usize,
    listener: &'static str,
    inline: bool,
}

fn deliveries(database: &Database, events: &[&mut Envelope]) -> Vec<Noted> {
    let publisher = database.publisher();
    let mut noted = Vec::new();
    for (place, event) in events.iter().enumerate() {
        for subscription in publisher.subscriptions(&event.name) {
            noted.push(Noted {
                place,
                listener: subscription.listener,
                inline: subscription.timing == Timing::Inline,
            });
        }
    }
    noted
}

fn lease(database: &Database) -> (Timestamp, Timestamp) {
    let now = database.sources().now();
    (now, now + DeliveryQueue::LEASE)
}

const COUNT: &str = "
    INSERT INTO event_streams AS s (stream_id, last_number) VALUES ($1, $2)
    ON CONFLICT (stream_id) DO UPDATE SET last_number = s.last_number + excluded.last_number
    RETURNING last_number - $2 AS base";

const LOG: &str = "
    INSERT INTO event_log (stream_id, number, id, organization_id, name, version, kind,
                           actor_id, request_id, occurred_at, payload)";

const DELIVER: &str = "
    INSERT INTO event_deliveries (listener, stream_id, number, in_organization, event_id,
                                  event_name, recorded_at, attempts, next_attempt_at,
                                  leased_by, leased_until)";

/// All of it in one statement, and so in one round trip.
async fn on_postgres(
    database: &Database,
    connection: &Connection,
    events: &[&mut Envelope],
    deliveries: &[Noted],
) -> Result<i64, DbError> {
    let mut sql = format!(
        "WITH counter AS ({COUNT}), log AS ({LOG}
           SELECT $1, base + e.place, e.id, $3, e.name, e.version, e.kind, e.actor_id,
                  e.request_id, e.occurred_at, e.payload
           FROM counter, jsonb_to_recordset($4) AS e (
             place bigint, id uuid, name text, version int, kind text, actor_id uuid,
             request_id uuid, occurred_at timestamptz, payload jsonb)
         )"
    );
    let mut values = start(events);
    values.push(json_of(events.iter().enumerate().map(|(place, event)| {
        json!({
            "place": place + 1, "id": event.id, "name": event.name, "version": event.version,
            "kind": event.kind,
            "actor_id": event.actor_id, "request_id": event.request_id,
            "occurred_at": event.occurred_at, "payload": event.payload,
        })
    })));
    if !deliveries.is_empty() {
        sql.push_str(&format!(
            ", deliveries AS ({DELIVER}
               SELECT d.listener, $1, base + d.place, $3 IS NOT NULL, d.event_id, d.event_name,
                      $5, 0, $5, CASE WHEN d.inline THEN $6 END, CASE WHEN d.inline THEN $7 END
               FROM counter, jsonb_to_recordset($8) AS d (
                 place bigint, listener text, inline boolean, event_id uuid, event_name text)
             )"
        ));
        let (now, until) = lease(database);
        values.extend([now.into(), database.process().into(), until.into()]);
        values.push(json_of(deliveries.iter().map(|noted| {
            let event = &events[noted.place];
            json!({
                "place": noted.place + 1, "listener": noted.listener, "inline": noted.inline,
                "event_id": event.id, "event_name": event.name,
            })
        })));
    }
    sql.push_str(" SELECT base FROM counter");
    base(connection, sql, values).await
}

/// A statement for each row: SQLite writes in no WITH, and a round trip to it is a call.
async fn on_sqlite(
    database: &Database,
    connection: &Connection,
    events: &[&mut Envelope],
    deliveries: &[Noted],
) -> Result<i64, DbError> {
    let mut first = start(events);
    let organization = first.pop().expect("the third of three values");
    let stream = first[0].clone();
    let base = base(connection, COUNT.to_owned(), first).await?;

    let log = format!("{LOG} VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");
    for (event, number) in events.iter().zip(base + 1..) {
        let row = [
            stream.clone(),
            number.into(),
            event.id.into(),
            organization.clone(),
            event.name.clone().into(),
            i32::from(event.version).into(),
            event.kind.as_str().into(),
            event.actor_id.into(),
            event.request_id.into(),
            event.occurred_at.into(),
            event.payload.clone().into(),
        ];
        ask(connection, log.clone(), row).await?;
    }
    let deliver = format!("{DELIVER} VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $7, $8, $9)");
    let (now, until) = lease(database);
    for noted in deliveries {
        let event = &events[noted.place];
        let place = i64::try_from(noted.place).expect("a unit of work has few events");
        let row = [
            noted.listener.into(),
            stream.clone(),
            (base + 1 + place).into(),
            event.organization_id.is_some().into(),
            event.id.into(),
            event.name.clone().into(),
            now.into(),
            noted.inline.then(|| database.process()).into(),
            noted.inline.then_some(until).into(),
        ];
        ask(connection, deliver.clone(), row).await?;
    }
    Ok(base)
}

/// The stream, how many events it gets, and its organization.
fn start(events: &[&mut Envelope]) -> Vec<Value> {
    let count = i64::try_from(events.len()).expect("a unit of work has few events");
    let first = &events[0];
    vec![
        first.stream_id.into(),
        count.into(),
        first.organization_id.into(),
    ]
}

fn json_of(rows: impl Iterator<Item = JsonValue>) -> Value {
    JsonValue::Array(rows.collect()).into()
}

/// The last number before these events.
async fn base(connection: &Connection, sql: String, values: Vec<Value>) -> Result<i64, DbError> {
    let rows = ask(connection, sql, values).await?;
    let row = rows.first().ok_or(DbError::Undone)?;
    Ok(row.try_get("", "base")?)
}
