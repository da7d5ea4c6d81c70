//! What the module does when something happens elsewhere.

use std::sync::Arc;

use async_trait::async_trait;
use tenantry_core::{
    access::{Actor, Role},
    event::Envelope,
};
use tenantry_domain_events::{EventBus, Listener, ListenerError, events::users::UserRegistered};

use crate::{NewMember, OrganizationsError, OrganizationsService};

/// Registers the module's listeners.
pub fn subscribe(bus: &EventBus, organizations: Arc<dyn OrganizationsService>) {
    bus.subscribe::<UserRegistered>(JoinDedicated { organizations });
}

/// In a dedicated deployment, everybody who registers joins its one organization.
///
/// The service is asked and not the setting: in a deployment for many, the answer is none.
struct JoinDedicated {
    organizations: Arc<dyn OrganizationsService>,
}

#[async_trait]
impl Listener<UserRegistered> for JoinDedicated {
    fn name(&self) -> &'static str {
        "organizations.join_dedicated"
    }

    async fn on(&self, event: UserRegistered, envelope: &Envelope) -> Result<(), ListenerError> {
        let Some(organization) = self.organizations.dedicated().await? else {
            return Ok(());
        };
        let new = NewMember {
            user: event.user_id,
            role: Role::Member,
        };
        let actor = Actor {
            user: envelope.actor_id,
            request: envelope.request_id,
        };
        match self
            .organizations
            .add_member(organization.id, new, actor)
            .await
        {
            // Told twice: the first time did it.
            Err(OrganizationsError::AlreadyMember) => Ok(()),
            joined => Ok(joined?),
        }
    }
}
