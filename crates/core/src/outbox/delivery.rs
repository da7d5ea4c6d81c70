//! A delivery of one event to one listener.

use super::jobs::delete_content;
use crate::{
    db::{DbError, connection::Connection},
    event::Envelope,
    id::{OrganizationId, Uuid},
};

/// An event to be delivered to a listener, or a job to its handler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The listener.
    pub listener: &'static str,
    /// The stream of the event.
    pub stream: Uuid,
    /// The organization, if the stream is an organization's.
    pub organization: Option<OrganizationId>,
    /// The number of the event in its stream; negative for a job.
    pub number: i64,
    /// The number of failed attempts so far.
    pub attempts: u32,
}

impl Delivery {
    /// The first delivery of an event to a listener.
    #[must_use]
    pub const fn of(listener: &'static str, envelope: &Envelope) -> Self {
        Self {
            listener,
            stream: envelope.stream_id,
            organization: envelope.organization_id,
            number: envelope.number,
            attempts: 0,
        }
    }

    /// Whether it is a job, which is delivered to its handler.
    #[must_use]
    pub const fn is_job(&self) -> bool {
        self.number < 0
    }

    pub(super) fn key(&self) -> [sea_orm::Value; 3] {
        [self.listener.into(), self.stream.into(), self.number.into()]
    }
}

/// Deletes a delivery from the queue, in the transaction of the listener's effect; false if another
/// process has handled it.
///
/// A second worker blocks on this row until the first finishes; an early lease expiry delays but
/// never duplicates an effect.
pub(crate) async fn acknowledge(
    connection: &Connection,
    delivery: &Delivery,
) -> Result<bool, DbError> {
    let deleted = connection.query(
        "DELETE FROM event_deliveries
         WHERE listener = $1 AND stream_id = $2 AND number = $3 RETURNING event_id",
        delivery.key(),
    );
    let deleted = deleted.await?;
    let Some(row) = deleted.first() else {
        return Ok(false);
    };
    if delivery.is_job() {
        delete_content(connection, delivery.stream, row.try_get("", "event_id")?).await?;
    }
    Ok(true)
}
