//! One delivery, and the unit of work in which it is done.

use std::time::Duration;

use super::ask;
use crate::{
    access::{ContextIssuer, Role, TenantContext},
    db::{DbError, UnitOfWork, connection::Connection},
    event::Envelope,
    id::{OrganizationId, UserId, Uuid},
};

/// An event that a listener is still to be told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The listener.
    pub listener: &'static str,
    /// The stream of the event.
    pub stream: Uuid,
    /// The organization, where the stream is one's.
    pub organization: Option<OrganizationId>,
    /// The number of the event in its stream.
    pub number: i64,
    /// How many attempts came to nothing so far.
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

    pub(super) fn key(&self) -> [sea_orm::Value; 3] {
        [self.listener.into(), self.stream.into(), self.number.into()]
    }
}

/// One attempt at a delivery: what the listener may work with.
pub struct Attempt {
    /// The unit of work in which "this was handled" is committed with its effect.
    pub work: UnitOfWork,
    /// The event's organization, in which the system acts as an owner would. An event without
    /// an organization comes with none.
    pub context: Option<TenantContext>,
}

impl Attempt {
    pub(super) fn new(mut work: UnitOfWork, delivery: Delivery, envelope: &Envelope) -> Self {
        work.deliver(delivery);
        let nobody = UserId::from(Uuid::nil());
        let actor = envelope.actor();
        let context = envelope.organization_id.map(|organization| {
            let user = actor.user.unwrap_or(nobody);
            ContextIssuer::new().tenant(organization, user, Role::Owner, actor)
        });
        Self { work, context }
    }
}

/// Takes a delivery off the queue, within the transaction of its effect. False when somebody
/// else did.
///
/// Whoever comes second waits here for the end of the first: a lease that ran out too early costs
/// time and never an effect twice.
pub(crate) async fn take(connection: &Connection, delivery: &Delivery) -> Result<bool, DbError> {
    let taken = ask(
        connection,
        "DELETE FROM event_deliveries
         WHERE listener = $1 AND stream_id = $2 AND number = $3 RETURNING number",
        delivery.key(),
    );
    Ok(!taken.await?.is_empty())
}

/// How long to wait after this many attempts in vain: twice as long after each, and a random
/// half of it less, so that what failed together does not come back together.
pub(super) fn backoff(attempts: u32, random: u16, longest: Duration) -> Duration {
    const FIRST: Duration = Duration::from_secs(1);
    let doubled = FIRST.saturating_mul(1 << attempts.saturating_sub(1).min(16));
    let whole = doubled.min(longest);
    whole / 2 + whole / 2 * u32::from(random) / u32::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_doubles_and_stays_within_its_bound() {
        let longest = Duration::from_secs(600);
        let most = |attempts| backoff(attempts, u16::MAX, longest).as_millis();
        assert_eq!([1, 2, 3, 4].map(most), [1000, 2000, 4000, 8000]);
        assert_eq!(backoff(1, 0, longest).as_millis(), 500);
        assert_eq!(most(u32::MAX), 600_000);
    }
}
