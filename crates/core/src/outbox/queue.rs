//! Reading the queue, and what happens to a claimed delivery that is not handled.

use sea_orm::QueryResult;

use super::{
    Delivery, DeliveryQueue, FailureOutcome, RetryPolicy, details::details, retry::backoff,
};
use crate::{
    db::DbError,
    event::{Envelope, EventKind},
};

impl DeliveryQueue {
    /// Those of these listeners that have deliveries to claim now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn listeners_with_due_deliveries(
        &self,
        listeners: &[&'static str],
    ) -> Result<Vec<String>, DbError> {
        if listeners.is_empty() {
            return Ok(Vec::new());
        }
        // Named, so that the jobs in the queue are not read: many may wait for long.
        let places: Vec<_> = (2..2 + listeners.len()).map(|n| format!("${n}")).collect();
        let values = listeners.iter().map(|listener| (*listener).into());
        let rows = self.database().read_global();
        let due = rows.connection().query(
            format!(
                "SELECT DISTINCT listener FROM event_deliveries
                 WHERE listener IN ({}) AND dead_at IS NULL AND next_attempt_at <= $1
                   AND (leased_until IS NULL OR leased_until <= $1)",
                places.join(", ")
            ),
            [self.now().into()].into_iter().chain(values),
        );
        let due = due.await?;
        let names = due.iter().map(|row| row.try_get("", "listener"));
        Ok(names.collect::<Result<_, _>>()?)
    }

    /// True when no earlier event of this stream is pending for the listener. Call after commit:
    /// every earlier event of the stream was committed before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_head_of_stream(&self, delivery: &Delivery) -> Result<bool, DbError> {
        let rows = self.database().read_global();
        let before = rows.connection().query(
            "SELECT number FROM event_deliveries
             WHERE listener = $1 AND stream_id = $2 AND number < $3 AND dead_at IS NULL LIMIT 1",
            delivery.key(),
        );
        Ok(before.await?.is_empty())
    }

    /// The events of deliveries of one stream, in their order; `None` for an event that is no
    /// longer in the log.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read(&self, batch: &[Delivery]) -> Result<Vec<Option<Envelope>>, DbError> {
        let (Some(first), Some(last)) = (batch.first(), batch.last()) else {
            return Ok(Vec::new());
        };
        let connection = self.database().read_connection(first.organization);
        let rows = connection.query(
            "SELECT id, stream_id, number, name, version, kind, organization_id, actor_id, request_id,
                    occurred_at, payload, acted_by, token_id, token_name, actor_name, actor_email
             FROM event_log WHERE stream_id = $1 AND number >= $2 AND number <= $3",
            [first.stream.into(), first.number.into(), last.number.into()],
        );
        let rows = rows.await?;
        let envelopes = rows.iter().map(envelope).collect::<Result<Vec<_>, _>>()?;
        let envelope_of = |delivery: &Delivery| {
            let mut envelopes = envelopes.iter();
            envelopes.find(|it| it.number == delivery.number).cloned()
        };
        Ok(batch.iter().map(envelope_of).collect())
    }

    /// Releases claimed deliveries without an attempt.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release(&self, batch: &[Delivery]) -> Result<(), DbError> {
        // Jobs are in no order; no other of the organization is leased to this process.
        let numbers = batch.iter().map(|delivery| delivery.number);
        let (Some(first), Some(from), Some(until)) =
            (batch.first(), numbers.clone().min(), numbers.max())
        else {
            return Ok(());
        };
        let connection = self.database().transaction(None, None).await?;
        let [listener, stream, _] = first.key();
        let released = connection.query(
            "UPDATE event_deliveries SET leased_by = NULL, leased_until = NULL
             WHERE listener = $1 AND stream_id = $2 AND number >= $3 AND number <= $4
               AND leased_by = $5",
            [
                listener,
                stream,
                from.into(),
                until.into(),
                self.database().process_id().into(),
            ],
        );
        released.await?;
        connection.commit().await
    }

    /// Records a failed attempt, after which the delivery is retried or becomes a dead letter.
    /// `None` if it was handled, or another process has claimed it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fail(
        &self,
        delivery: &Delivery,
        problem: &str,
        policy: RetryPolicy,
    ) -> Result<Option<FailureOutcome>, DbError> {
        let attempts = delivery.attempts.saturating_add(1);
        let random = u16::from_le_bytes(self.database().runtime().random_bytes());
        let now = self.now();
        let next = now + backoff(attempts, random, policy.max_backoff());
        let dead = policy.is_exhausted_by(attempts);
        let connection = self.database().transaction(None, None).await?;
        let [listener, stream, number] = delivery.key();
        let updated = connection.query(
            "UPDATE event_deliveries SET attempts = $4, next_attempt_at = $5, dead_at = $6,
               last_error = $7, leased_by = NULL, leased_until = NULL,
               unique_key = CASE WHEN $9 THEN NULL ELSE unique_key END
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
                self.database().process_id().into(),
                // A dead letter does not wait, so another job may have its key.
                dead.into(),
            ],
        );
        let updated = !updated.await?.is_empty();
        connection.commit().await?;
        let outcome = if dead {
            FailureOutcome::DeadLettered
        } else {
            FailureOutcome::Retry
        };
        Ok(updated.then_some(outcome))
    }

    /// Whether a delivery has no attempts left. A claimed one has none only if the last attempt
    /// crashed its process.
    #[must_use]
    pub const fn is_exhausted_by(&self, delivery: &Delivery, policy: RetryPolicy) -> bool {
        policy.is_exhausted_by(delivery.attempts)
    }
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
        details: details(row)?,
    })
}
