//! The durable log of events, and the queue of what listeners are still to be told.
//!
//! An event is written in the transaction that it tells of, and with it one row for each
//! listener. So it can't be lost, and it can't be told of a transaction that was undone.

mod admin;
mod append;
mod claims;
mod delivery;
mod notify;
mod postgres_ctes;
mod prune;
mod publisher;
mod queue;

pub use admin::{Backlog, DeadLetter};
pub use delivery::{Attempt, Delivery};
pub use notify::NotificationListener;
pub use publisher::{DeliveryMode, Publisher, Subscription};
pub use queue::{DeliveryQueue, FailureOutcome, RetryPolicy};

pub(crate) use append::{MOST, append, deliveries, number};
pub(crate) use delivery::take;
pub(crate) use postgres_ctes::terms;

use sea_orm::{QueryResult, Value};

use crate::db::{DbError, connection::Connection};

/// Runs one of our own statements, which span organizations or are about the log.
async fn ask(
    connection: &Connection,
    sql: impl Into<String>,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<QueryResult>, DbError> {
    Ok(connection.ask(sql.into(), values).await?)
}
