//! One attempt at a delivery.

use super::{Delivery, DeliveryQueue};
use crate::{
    access::{ContextIssuer, Role, TenantContext},
    db::UnitOfWork,
    event::Envelope,
    id::{UserId, Uuid},
};

/// One attempt at a delivery: what the listener may work with.
pub struct Attempt {
    /// The unit of work that commits the acknowledgement together with the listener's effect.
    pub work: UnitOfWork,
    /// The event's organization, in which the system acts with the rights of an owner; `None` for
    /// an event outside of all organizations.
    pub context: Option<TenantContext>,
}

impl DeliveryQueue {
    /// Starts an attempt. No statement is sent before the listener accesses rows or is done.
    #[must_use]
    pub fn begin(&self, delivery: &Delivery, envelope: &Envelope) -> Attempt {
        let actor = envelope.actor();
        let mut work = self.database().begin(actor.clone());
        work.bind_delivery(delivery.clone());
        let context = envelope.organization_id.map(|organization| {
            let user = actor.user.unwrap_or(UserId::from(Uuid::nil()));
            ContextIssuer::new().tenant(organization, user, Role::Owner, actor)
        });
        Attempt { work, context }
    }
}
