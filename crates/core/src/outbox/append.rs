//! Inserts events into the log: the last statement before a commit.
//!
//! Appending locks the stream's row until commit, so event numbers follow commit order. It runs
//! last so that the lock is held for one round trip only.

use sea_orm::Value;

use super::{
    event_rows::{
        EVENT_VALUES, INSERT_DELIVERY, INSERT_EVENT, MAX_EVENTS_PER_INSERT, PendingDelivery,
        assign_numbers, event_values, lease_window, pending_deliveries, stream_header,
    },
    postgres_ctes::event_ctes,
};
use crate::{
    db::{Backend, Database, DbError, connection::Connection},
    event::Envelope,
};

/// Inserts the events of one stream in their order, and a delivery for each listener of each.
pub(crate) async fn append(
    database: &Database,
    connection: &Connection,
    events: &mut [&mut Envelope],
) -> Result<(), DbError> {
    for events in events.chunks_mut(MAX_EVENTS_PER_INSERT) {
        let deliveries = pending_deliveries(database, events);
        let base = match database.backend() {
            Backend::Postgres => on_postgres(database, connection, events, &deliveries).await?,
            Backend::Sqlite => on_sqlite(database, connection, events, &deliveries).await?,
        };
        assign_numbers(events, base);
    }
    Ok(())
}

/// One statement, and so one round trip.
async fn on_postgres(
    database: &Database,
    connection: &Connection,
    events: &[&mut Envelope],
    deliveries: &[PendingDelivery],
) -> Result<i64, DbError> {
    let mut values = Vec::new();
    let ctes = event_ctes(database, events, deliveries, &mut values, "");
    let sql = format!("WITH {ctes} SELECT base FROM counter");
    query_base(connection, sql, values).await
}

/// One statement for each table: SQLite has no inserts in a `WITH`, and no round trips either.
async fn on_sqlite(
    database: &Database,
    connection: &Connection,
    events: &[&mut Envelope],
    deliveries: &[PendingDelivery],
) -> Result<i64, DbError> {
    const COUNT: &str = "
        INSERT INTO event_streams AS s (stream_id, last_number) VALUES ($1, $2)
        ON CONFLICT (stream_id) DO UPDATE SET last_number = s.last_number + excluded.last_number
        RETURNING last_number - $2 AS base";
    let [stream, count, organization] = stream_header(events);
    let counted = vec![stream.clone(), count];
    let base = query_base(connection, COUNT.to_owned(), counted).await?;

    let log = events.iter().zip(base + 1..).map(|(event, number)| {
        let ([id, rest @ ..], [name, email]) = event_values(event);
        let actor = Value::from(event.actor_id);
        let mut row = vec![stream.clone(), number.into(), id, organization.clone()];
        row.extend(rest);
        row.extend([name, actor.clone(), email, actor]);
        row
    });
    // The name and the address are the actor's present ones, unless they are given.
    let of_actor =
        |column| format!("coalesce(?, (SELECT {column} FROM user_profiles WHERE user_id = ?))");
    let row = format!(
        "({}, {}, {})",
        vec!["?"; EVENT_VALUES + 3].join(", "),
        of_actor("name"),
        of_actor("email"),
    );
    insert(connection, INSERT_EVENT, &row, log).await?;
    let (now, until) = lease_window(database);
    let deliveries = deliveries.iter().map(|delivery| {
        let event = &events[delivery.event_index];
        let index = i64::try_from(delivery.event_index).expect("a unit of work has few events");
        vec![
            delivery.listener.into(),
            stream.clone(),
            (base + 1 + index).into(),
            event.organization_id.is_some().into(),
            event.id.into(),
            event.name.clone().into(),
            now.into(),
            0.into(),
            now.into(),
            delivery.is_inline.then(|| database.process_id()).into(),
            delivery.is_inline.then_some(until).into(),
        ]
    });
    let row = format!("({})", ["?"; 11].join(", "));
    insert(connection, INSERT_DELIVERY, &row, deliveries).await?;
    Ok(base)
}

/// Inserts all rows, almost always with one statement. `row` is a row with a `?` for each value.
async fn insert(
    connection: &Connection,
    into: &str,
    row: &str,
    rows: impl Iterator<Item = Vec<Value>>,
) -> Result<(), DbError> {
    // Below SQLite's limit of bound values for one statement.
    const MAX_VALUES: usize = 30_000;
    let values: Vec<Value> = rows.flatten().collect();
    let width = row.matches('?').count();
    for values in values.chunks(MAX_VALUES / width * width) {
        let list = vec![row; values.len() / width].join(", ");
        let sql = format!("{into} VALUES {list}");
        connection.query(sql, values.to_vec()).await?;
    }
    Ok(())
}

/// The number of the last event before these.
async fn query_base(
    connection: &Connection,
    sql: String,
    values: Vec<Value>,
) -> Result<i64, DbError> {
    let rows = connection.query(sql, values).await?;
    let row = rows.first().ok_or(DbError::RolledBack)?;
    Ok(row.try_get("", "base")?)
}
