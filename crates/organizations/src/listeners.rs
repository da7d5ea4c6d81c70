//! What the module does when something happens elsewhere.

use std::sync::Arc;

use async_trait::async_trait;
use tenantry_core::{access::Actor, event::Envelope};
use tenantry_domain_events::{
    EventBus, Listener, ListenerError,
    events::{organizations::OrganizationCreated, users::UserRegistered},
};

use crate::OrganizationsService;

/// Registers the module's listeners.
pub fn subscribe(bus: &EventBus, organizations: Arc<dyn OrganizationsService>) {
    bus.subscribe::<UserRegistered>(JoinDedicated {
        organizations: Arc::clone(&organizations),
    });
    bus.subscribe::<OrganizationCreated>(WelcomeEarlier { organizations });
}

/// In a dedicated deployment, everybody who registers joins its one organization.
///
/// The service is asked and not the setting: in a deployment for many, it answers that there is
/// none.
struct JoinDedicated {
    organizations: Arc<dyn OrganizationsService>,
}

#[async_trait]
impl Listener<UserRegistered> for JoinDedicated {
    fn name(&self) -> &'static str {
        "organizations.join_dedicated"
    }

    async fn on(&self, event: UserRegistered, envelope: &Envelope) -> Result<(), ListenerError> {
        let actor = Actor {
            user: envelope.actor_id,
            request: envelope.request_id,
        };
        Ok(self
            .organizations
            .join_dedicated(event.user_id, actor)
            .await?)
    }
}

/// In a dedicated deployment, whoever registered before its organization was made joins it then.
struct WelcomeEarlier {
    organizations: Arc<dyn OrganizationsService>,
}

#[async_trait]
impl Listener<OrganizationCreated> for WelcomeEarlier {
    fn name(&self) -> &'static str {
        "organizations.welcome_earlier"
    }

    async fn on(&self, event: OrganizationCreated, _: &Envelope) -> Result<(), ListenerError> {
        let made = event.organization_id;
        Ok(self.organizations.join_everybody_dedicated(made).await?)
    }
}
