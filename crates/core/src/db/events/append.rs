//! Writing events to the log: the last statement before a commit.
//!
//! It takes the row of its stream in `event_streams` and holds it until the commit, so the order
//! of the numbers is the order of the commits. That is also why it comes last: whoever writes to
//! the same stream waits for one round trip and not for a whole unit of work.

use sea_orm::Value;

use super::{DeliveryQueue, ask};
use crate::{
    clock::Timestamp,
    db::{Backend, Database, DbError, connection::Connection},
    event::{Envelope, Timing},
};

/// How many events one statement writes. Few have more than one or two.
const MOST: usize = 100;

/// Writes the events of one stream, in their order, and for each listener of each a delivery.
/// What is told inline is leased to this process right away.
pub(in crate::db) async fn append(
    database: &Database,
    connection: &Connection,
    events: &mut [&mut Envelope],
) -> Result<(), DbError> {
    for events in events.chunks_mut(MOST) {
        let deliveries = deliveries(database, events);
        let base = match database.backend() {
            Backend::Postgres => on_postgres(database, connection, events, &deliveries).await?,
            Backend::Sqlite => on_sqlite(database, connection, events, &deliveries).await?,
        };
        for (event, number) in events.iter_mut().zip(base + 1..) {
            event.number = number;
        }
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

/// All of it in one statement, and so in one round trip. Its text depends on nothing but the
/// number of rows, so it is prepared once.
async fn on_postgres(
    database: &Database,
    connection: &Connection,
    events: &[&mut Envelope],
    deliveries: &[Noted],
) -> Result<i64, DbError> {
    let mut values = start(events);
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
    let rows = listed(
        &mut values,
        events.iter().enumerate().map(row_of_log),
        &types,
    );
    let mut sql = format!(
        "WITH counter AS ({COUNT}), log AS ({LOG}
           SELECT $1, base + e.place, e.id, $3, e.name, e.version, e.kind, e.actor_id,
                  e.request_id, e.occurred_at, e.payload
           FROM counter, (VALUES {rows}) AS e (
             place, id, name, version, kind, actor_id, request_id, occurred_at, payload)
         )"
    );
    if !deliveries.is_empty() {
        let (now, until) = lease(database);
        values.push(now.into());
        let at = values.len();
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
        let rows = listed(&mut values, deliveries.iter().map(delivery), &types);
        sql.push_str(&format!(
            ", deliveries AS ({DELIVER}
               SELECT d.listener, $1, base + d.place, $3 IS NOT NULL, d.event_id, d.event_name,
                      ${at}, 0, ${at}, d.leased_by, d.leased_until
               FROM counter, (VALUES {rows}) AS d (
                 place, listener, event_id, event_name, leased_by, leased_until)
             )"
        ));
    }
    sql.push_str(" SELECT base FROM counter");
    base(connection, sql, values).await
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
            values.push(value);
            list.push_str(&format!(", ${}::{of}", values.len()));
        }
        list.push(')');
    }
    list
}

/// A statement for each table: SQLite writes in no WITH, and a round trip to it is a call.
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

    let log = events.iter().zip(base + 1..).map(|(event, number)| {
        [
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
        ]
    });
    insert(connection, LOG, log).await?;
    let (now, until) = lease(database);
    let deliveries = deliveries.iter().map(|noted| {
        let event = &events[noted.place];
        let place = i64::try_from(noted.place).expect("a unit of work has few events");
        [
            noted.listener.into(),
            stream.clone(),
            (base + 1 + place).into(),
            event.organization_id.is_some().into(),
            event.id.into(),
            event.name.clone().into(),
            now.into(),
            0.into(),
            now.into(),
            noted.inline.then(|| database.process()).into(),
            noted.inline.then_some(until).into(),
        ]
    });
    insert(connection, DELIVER, deliveries).await?;
    Ok(base)
}

/// Inserts all rows, almost always with one statement.
async fn insert<const N: usize>(
    connection: &Connection,
    into: &str,
    rows: impl Iterator<Item = [Value; N]>,
) -> Result<(), DbError> {
    // One statement binds at most this many values on SQLite.
    const VALUES: usize = 30_000;
    let values: Vec<Value> = rows.flatten().collect();
    let row = format!("({})", vec!["?"; N].join(", "));
    for values in values.chunks(VALUES / N * N) {
        let list = vec![row.clone(); values.len() / N].join(", ");
        ask(connection, format!("{into} VALUES {list}"), values.to_vec()).await?;
    }
    Ok(())
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

/// The last number before these events.
async fn base(connection: &Connection, sql: String, values: Vec<Value>) -> Result<i64, DbError> {
    let rows = ask(connection, sql, values).await?;
    let row = rows.first().ok_or(DbError::Undone)?;
    Ok(row.try_get("", "base")?)
}
