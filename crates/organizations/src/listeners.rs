//! The module's listeners.

use std::sync::Arc;

use async_trait::async_trait;
use tenantry_core::{
    id::{OrganizationId, UserId},
    outbox::DeliveryMode,
};
use tenantry_domain_events::{
    EventBus, EventContext, Listener, ListenerError,
    events::{
        organizations::{EntriesDue, OrganizationCreated},
        users::UserRegistered,
    },
};

use crate::{membership::dedicated::DedicatedMembership, operators::due_entries::Batch};

/// Registers the module's listeners. Those of memberships run inline: the next request of a new user
/// already finds the membership.
pub(crate) fn subscribe(bus: &EventBus, memberships: Arc<dyn DedicatedMembership>) {
    let joins = JoinDedicated {
        memberships: Arc::clone(&memberships),
    };
    bus.subscribe::<UserRegistered>(DeliveryMode::Inline, joins);
    bus.subscribe::<OrganizationCreated>(DeliveryMode::Inline, JoinExistingUsers { memberships });
    bus.subscribe::<EntriesDue>(DeliveryMode::Background, RecordDueEntries);
}

/// In a dedicated deployment, adds each new user to its one organization; otherwise does nothing.
struct JoinDedicated {
    memberships: Arc<dyn DedicatedMembership>,
}

#[async_trait]
impl Listener<UserRegistered> for JoinDedicated {
    fn name(&self) -> &'static str {
        "organizations.join_dedicated"
    }

    async fn on(
        &self,
        event: UserRegistered,
        context: &mut EventContext<UserId>,
    ) -> Result<(), ListenerError> {
        let actor = context.envelope().actor();
        let joined = self
            .memberships
            .join_dedicated(context.work(), event.user_id, actor);
        Ok(joined.await?)
    }
}

/// In a dedicated deployment, adds the existing users when its organization is created.
struct JoinExistingUsers {
    memberships: Arc<dyn DedicatedMembership>,
}

#[async_trait]
impl Listener<OrganizationCreated> for JoinExistingUsers {
    fn name(&self) -> &'static str {
        "organizations.welcome_earlier"
    }

    async fn on(
        &self,
        event: OrganizationCreated,
        context: &mut EventContext<OrganizationId>,
    ) -> Result<(), ListenerError> {
        let created = event.organization_id;
        let joined = self.memberships.join_all_dedicated(context.work(), created);
        Ok(joined.await?)
    }
}

/// Records what concerns an account in the next of its organizations.
struct RecordDueEntries;

#[async_trait]
impl Listener<EntriesDue> for RecordDueEntries {
    fn name(&self) -> &'static str {
        "organizations.due_entries"
    }

    async fn on(
        &self,
        event: EntriesDue,
        context: &mut EventContext<UserId>,
    ) -> Result<(), ListenerError> {
        let work = context.work();
        let batch = Batch::next(&work.global().await?, event).await?;
        batch.record(work);
        Ok(())
    }
}
