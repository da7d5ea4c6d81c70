//! What the module does when something happens elsewhere.

use std::sync::Arc;

use async_trait::async_trait;
use tenantry_core::{
    id::{OrganizationId, UserId},
    outbox::DeliveryMode,
};
use tenantry_domain_events::{
    EventBus, EventContext, Listener, ListenerError,
    events::{organizations::OrganizationCreated, users::UserRegistered},
};

use crate::OrganizationsService;

/// Registers the module's listeners. Whoever registers waits for them: his next request finds him
/// where he belongs.
pub fn subscribe(bus: &EventBus, organizations: Arc<dyn OrganizationsService>) {
    let joins = JoinDedicated {
        organizations: Arc::clone(&organizations),
    };
    bus.subscribe::<UserRegistered>(DeliveryMode::Inline, joins);
    bus.subscribe::<OrganizationCreated>(DeliveryMode::Inline, WelcomeEarlier { organizations });
}

/// In a dedicated deployment, everybody who registers joins its one organization.
///
/// The service is asked and not the setting: in a deployment for many, it answers that there is
/// none. It decides in which organization, too: the event of a person comes with none.
struct JoinDedicated {
    organizations: Arc<dyn OrganizationsService>,
}

#[async_trait]
impl Listener<UserRegistered> for JoinDedicated {
    fn name(&self) -> &'static str {
        "organizations.join_dedicated"
    }

    async fn on(
        &self,
        event: UserRegistered,
        handling: &mut EventContext<UserId>,
    ) -> Result<(), ListenerError> {
        let actor = handling.envelope().actor();
        let joined = self
            .organizations
            .join_dedicated(handling.work(), event.user_id, actor);
        Ok(joined.await?)
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

    async fn on(
        &self,
        event: OrganizationCreated,
        handling: &mut EventContext<OrganizationId>,
    ) -> Result<(), ListenerError> {
        let made = event.organization_id;
        let joined = self.organizations.join_all_dedicated(handling.work(), made);
        Ok(joined.await?)
    }
}
