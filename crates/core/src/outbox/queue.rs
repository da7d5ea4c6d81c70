//! The queue of deliveries.

use std::time::Duration;

use sea_orm::QueryResult;

use super::{Attempt, Delivery, ask, claims, delivery::backoff};
use crate::{
    clock::Timestamp,
    db::{Backend, Database, DbError},
    event::{Envelope, EventKind},
};

/// How often a delivery is tried before it is a dead letter: for about three quarters of an hour.
const ATTEMPTS: u32 = 15;

/// What listeners are still to be told.
///
/// It spans organizations, and holds names and numbers alone. An event itself is read, and what
/// a listener makes of it is written, in a transaction of its own organization.
///
/// It comes out of [`Database::open`] once, for the bus and the dispatcher; no module can get
/// one.
#[derive(Clone, Debug)]
pub struct DeliveryQueue {
    pub(super) database: Database,
}

impl DeliveryQueue {
    /// How long a process that was given a delivery keeps it from the others. Longer than an
    /// attempt may take, or it would often be begun twice.
    pub const LEASE: Duration = Duration::from_secs(10);

    pub(crate) const fn new(database: Database) -> Self {
        Self { database }
    }

    /// The present moment, as the queue sees it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.database.runtime().now()
    }

    /// Gives this process the next deliveries of up to so many streams, each in its order, until
    /// a lease runs out.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn claim(
        &self,
        listener: &'static str,
        streams: u16,
    ) -> Result<Vec<Vec<Delivery>>, DbError> {
        claims::claimed(&self.database, listener, streams).await
    }

    /// The listeners that could be told something now.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn listeners_with_due_deliveries(&self) -> Result<Vec<String>, DbError> {
        let rows = self.database.read_global();
        let due = ask(
            rows.connection(),
            "SELECT DISTINCT listener FROM event_deliveries
             WHERE dead_at IS NULL AND next_attempt_at <= $1
               AND (leased_until IS NULL OR leased_until <= $1)",
            [self.now().into()],
        );
        let due = due.await?;
        let names = due.iter().map(|row| row.try_get("", "listener"));
        Ok(names.collect::<Result<_, _>>()?)
    }

    /// Whether nothing that this listener is to be told before is left. To be asked after the
    /// commit: whatever comes before in the stream was committed before, and is seen.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn is_head_of_stream(&self, delivery: &Delivery) -> Result<bool, DbError> {
        let rows = self.database.read_global();
        let before = ask(
            rows.connection(),
            "SELECT number FROM event_deliveries
             WHERE listener = $1 AND stream_id = $2 AND number < $3 AND dead_at IS NULL LIMIT 1",
            delivery.key(),
        );
        Ok(before.await?.is_empty())
    }

    /// The events of deliveries of one stream, in their order; nothing in place of one that is
    /// not in the log any more.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn read(&self, batch: &[Delivery]) -> Result<Vec<Option<Envelope>>, DbError> {
        let (Some(first), Some(last)) = (batch.first(), batch.last()) else {
            return Ok(Vec::new());
        };
        let connection = self.database.reading(first.organization);
        let rows = ask(
            &connection,
            "SELECT id, stream_id, number, name, version, kind, organization_id, actor_id, request_id,
                    occurred_at, payload
             FROM event_log WHERE stream_id = $1 AND number >= $2 AND number <= $3",
            [first.stream.into(), first.number.into(), last.number.into()],
        );
        let rows = rows.await?;
        let envelopes = rows.iter().map(envelope).collect::<Result<Vec<_>, _>>()?;
        let of = |delivery: &Delivery| {
            let mut envelopes = envelopes.iter();
            envelopes.find(|it| it.number == delivery.number).cloned()
        };
        Ok(batch.iter().map(of).collect())
    }

    /// Begins an attempt. Nothing is sent before the listener asks for rows, or is done.
    #[must_use]
    pub fn begin(&self, delivery: &Delivery, envelope: &Envelope) -> Attempt {
        let work = self.database.begin(envelope.actor());
        Attempt::new(work, delivery.clone(), envelope)
    }

    /// Gives deliveries back without an attempt.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn release(&self, batch: &[Delivery]) -> Result<(), DbError> {
        let (Some(first), Some(last)) = (batch.first(), batch.last()) else {
            return Ok(());
        };
        let connection = self.database.transaction(None).await?;
        let [listener, stream, from] = first.key();
        let released = ask(
            &connection,
            "UPDATE event_deliveries SET leased_by = NULL, leased_until = NULL
             WHERE listener = $1 AND stream_id = $2 AND number >= $3 AND number <= $4
               AND leased_by = $5",
            [
                listener,
                stream,
                from,
                last.number.into(),
                self.database.process().into(),
            ],
        );
        released.await?;
        connection.commit().await
    }

    /// Notes an attempt in vain: the delivery is tried again later, or is a dead letter now.
    /// Nothing, when it was handled after all, or is another process's by now.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn fail(
        &self,
        delivery: &Delivery,
        problem: &str,
        patience: RetryPolicy,
    ) -> Result<Option<FailureOutcome>, DbError> {
        let attempts = delivery.attempts.saturating_add(1);
        let random = u16::from_le_bytes(self.database.runtime().random_bytes());
        let now = self.now();
        let next = now + backoff(attempts, random, patience.max_backoff());
        let dead = patience.is_exhausted_by(attempts);
        let connection = self.database.transaction(None).await?;
        let [listener, stream, number] = delivery.key();
        let noted = ask(
            &connection,
            "UPDATE event_deliveries SET attempts = $4, next_attempt_at = $5, dead_at = $6,
               last_error = $7, leased_by = NULL, leased_until = NULL
             WHERE listener = $1 AND stream_id = $2 AND number = $3 AND leased_by = $8
             RETURNING number",
            [
                listener,
                stream,
                number,
                i32::try_from(attempts).unwrap_or(i32::MAX).into(),
                next.into(),
                dead.then_some(now).into(),
                problem.chars().take(2000).collect::<String>().into(),
                self.database.process().into(),
            ],
        );
        let noted = !noted.await?.is_empty();
        connection.commit().await?;
        let failed = if dead {
            FailureOutcome::DeadLettered
        } else {
            FailureOutcome::Retry
        };
        Ok(noted.then_some(failed))
    }

    /// Whether a delivery was tried so often that it is not to be tried again. It comes to that
    /// here when each attempt ended with its process.
    #[must_use]
    pub const fn is_exhausted_by(&self, delivery: &Delivery, patience: RetryPolicy) -> bool {
        patience.is_exhausted_by(delivery.attempts)
    }

    /// Tells the dispatchers of other processes to look now and not at their next round.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn notify_others(&self) -> Result<(), DbError> {
        if self.database.backend() == Backend::Postgres {
            let connection = self.database.transaction(None).await?;
            connection
                .run(format!("NOTIFY {}", super::notify::CHANNEL))
                .await?;
            connection.commit().await?;
        }
        Ok(())
    }
}

/// How often a delivery is tried that comes to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryPolicy {
    /// Not again.
    Never,
    /// Fifteen times, for about three quarters of an hour.
    Limited,
    /// As often as it takes: its stream waits with it, and so keeps its order.
    Unlimited,
}

impl RetryPolicy {
    const fn is_exhausted_by(self, attempts: u32) -> bool {
        match self {
            Self::Never => true,
            Self::Limited => attempts >= ATTEMPTS,
            Self::Unlimited => false,
        }
    }

    /// Whoever waits without end waits for something that comes back, and goes on soon after.
    const fn max_backoff(self) -> Duration {
        match self {
            Self::Never | Self::Limited => Duration::from_secs(600),
            Self::Unlimited => Duration::from_secs(30),
        }
    }
}

/// What becomes of a delivery after an attempt in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureOutcome {
    /// It is tried again later.
    Retry,
    /// It is a dead letter.
    DeadLettered,
}

fn envelope(row: &QueryResult) -> Result<Envelope, DbError> {
    let version: i32 = row.try_get("", "version")?;
    let kind: String = row.try_get("", "kind")?;
    Ok(Envelope {
        id: row.try_get("", "id")?,
        stream_id: row.try_get("", "stream_id")?,
        number: row.try_get("", "number")?,
        name: row.try_get("", "name")?,
        version: u16::try_from(version).unwrap_or_default(),
        kind: if kind == EventKind::Access.as_str() {
            EventKind::Access
        } else {
            EventKind::Change
        },
        organization_id: row.try_get("", "organization_id")?,
        actor_id: row.try_get("", "actor_id")?,
        request_id: row.try_get("", "request_id")?,
        occurred_at: row.try_get("", "occurred_at")?,
        payload: row.try_get("", "payload")?,
    })
}
