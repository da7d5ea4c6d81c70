//! The durable log of events, and the queue of what listeners are still to be told.
//!
//! An event is written in the transaction that it tells of, and with it one row for each
//! listener. So it can't be lost, and it can't be told of a transaction that was undone.

mod append;
mod claims;
mod delivery;
mod desk;
mod prune;
mod queue;
mod terms;
mod wakes;

pub use delivery::{Attempt, Delivery};
pub use desk::{Backlog, DeadLetter};
pub use queue::{DeliveryQueue, Failed, Patience};
pub use wakes::Wakes;

pub(super) use append::{MOST, append, deliveries, number};
pub(super) use delivery::take;
pub(super) use terms::terms;

use sea_orm::{QueryResult, Value};

use super::{DbError, connection::Connection};

/// Runs one of our own statements, which span organizations or are about the log.
async fn ask(
    connection: &Connection,
    sql: impl Into<String>,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<QueryResult>, DbError> {
    Ok(connection.ask(sql.into(), values).await?)
}
