//! Writing events to the log: the last statement before a commit.
//!
//! It takes the row of its stream in `event_streams` and holds it until the commit, so the order
//! of the numbers is the order of the commits. That is also why it comes last: whoever writes to
//! the same stream waits for one round trip and not for a whole unit of work.

use sea_orm::Value;

use super::{DeliveryQueue, ask, postgres_ctes::terms};
use crate::{
    clock::Timestamp,
    db::connection::Connection,
    db::{Backend, Database, DbError},
    event::Envelope,
    outbox::DeliveryMode,
};

/// How many events one statement writes. Few have more than one or two.
pub(crate) const MOST: usize = 100;

/// Writes the events of one stream, in their order, and for each listener of each a delivery.
/// What is told inline is leased to this process right away.
pub(crate) async fn append(
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
        number(events, base);
    }
    Ok(())
}

/// Tells the events their places, which are the next ones after the base.
pub(crate) fn number(events: &mut [&mut Envelope], base: i64) {
    for (event, number) in events.iter_mut().zip(base + 1..) {
        event.number = number;
    }
}

/// A delivery to be noted: of the event at this place, to this listener.
pub(crate) struct Noted {
    pub(super) place: usize,
    pub(super) listener: &'static str,
    pub(super) inline: bool,
}

pub(crate) fn deliveries(database: &Database, events: &[&mut Envelope]) -> Vec<Noted> {
    let publisher = database.publisher();
    let mut noted = Vec::new();
    for (place, event) in events.iter().enumerate() {
        for subscription in publisher.subscriptions(&event.name) {
            noted.push(Noted {
                place,
                listener: subscription.listener,
                inline: subscription.mode == DeliveryMode::Inline,
            });
        }
    }
    noted
}

pub(super) fn lease(database: &Database) -> (Timestamp, Timestamp) {
    let now = database.runtime().now();
    (now, now + DeliveryQueue::LEASE)
}

pub(super) const LOG: &str = "
    INSERT INTO event_log (stream_id, number, id, organization_id, name, version, kind,
                           actor_id, request_id, occurred_at, payload)";

pub(super) const DELIVER: &str = "
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
    let mut values = Vec::new();
    let terms = terms(database, events, deliveries, &mut values, "");
    let sql = format!("WITH {terms} SELECT base FROM counter");
    base(connection, sql, values).await
}

/// A statement for each table: SQLite writes in no WITH, and a round trip to it is a call.
async fn on_sqlite(
    database: &Database,
    connection: &Connection,
    events: &[&mut Envelope],
    deliveries: &[Noted],
) -> Result<i64, DbError> {
    const COUNT: &str = "
        INSERT INTO event_streams AS s (stream_id, last_number) VALUES ($1, $2)
        ON CONFLICT (stream_id) DO UPDATE SET last_number = s.last_number + excluded.last_number
        RETURNING last_number - $2 AS base";
    let [stream, count, organization] = start(events);
    let counted = vec![stream.clone(), count];
    let base = base(connection, COUNT.to_owned(), counted).await?;

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
pub(super) fn start(events: &[&mut Envelope]) -> [Value; 3] {
    let count = i64::try_from(events.len()).expect("a unit of work has few events");
    let first = &events[0];
    [
        first.stream_id.into(),
        count.into(),
        first.organization_id.into(),
    ]
}

/// The last number before these events.
async fn base(connection: &Connection, sql: String, values: Vec<Value>) -> Result<i64, DbError> {
    let rows = ask(connection, sql, values).await?;
    let row = rows.first().ok_or(DbError::RolledBack)?;
    Ok(row.try_get("", "base")?)
}
