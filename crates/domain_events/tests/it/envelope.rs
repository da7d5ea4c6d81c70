//! The contents of an envelope, from the unit of work to the listener.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tenantry_core::{
    access::{Actor, Role},
    event::Envelope,
    id::{OrganizationId, Uuid},
    outbox::DeliveryMode,
};
use tenantry_domain_events::{
    EventContext, Listener, ListenerError,
    events::{organizations::UserJoinedOrganization, users::UserRegistered},
};
use tenantry_testkit::sample_events::{SampleDeleted, SampleStatusChanged};
use tenantry_testkit::{World, each_database};

use crate::support::{organization, user};

#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<(SampleDeleted, Envelope)>>>);

#[async_trait]
impl Listener<SampleDeleted> for Collector {
    fn name(&self) -> &'static str {
        "test.collector"
    }

    async fn on(
        &self,
        event: SampleDeleted,
        context: &mut EventContext<OrganizationId>,
    ) -> Result<(), ListenerError> {
        let kept = (event, context.envelope().clone());
        self.0.lock().expect("not poisoned").push(kept);
        Ok(())
    }
}

fn deleted() -> SampleDeleted {
    SampleDeleted {
        organization_id: organization(3),
        sample_id: Uuid::from_u128(4).into(),
    }
}

each_database! {
    async fn an_envelope_carries_the_organization_the_actor_and_the_request(db: TestDatabase) {
        let world = World::new(db).await;
        let kept = Collector::default();
        world.events.bus().subscribe(DeliveryMode::Inline, kept.clone());
        let actor = Actor { user: Some(user(7)), request: Some(Uuid::from_u128(9)) };
        let mut work = world.database.begin(actor);
        work.record(&deleted());
        work.commit().await.expect("committed");
        let kept = kept.0.lock().expect("not poisoned");
        let (event, envelope) = kept.first().expect("delivered");
        assert_eq!(*event, deleted());
        assert_eq!(envelope.name, "samples.sample_deleted");
        assert_eq!(envelope.organization_id, Some(organization(3)));
        assert_eq!(envelope.actor_id, Some(user(7)));
        assert_eq!(envelope.request_id, Some(Uuid::from_u128(9)));
        assert_eq!(envelope.occurred_at, world.runtime().now());
    }

    async fn an_event_of_the_system_has_no_actor(db: TestDatabase) {
        let world = World::new(db).await;
        let mut work = world.database.begin(Actor::system());
        work.record(&UserRegistered { user_id: user(7) });
        work.commit().await.expect("committed");
        let events = world.events.published();
        let whose = (events[0].organization_id, events[0].actor_id, events[0].request_id);
        assert_eq!(whose, (None, None, None));
    }

    async fn events_are_published_in_the_order_of_recording(db: TestDatabase) {
        let world = World::new(db).await;
        let mut work = world.database.begin(Actor::system());
        work.record(&UserRegistered { user_id: user(7) });
        work.record(&UserJoinedOrganization {
            organization_id: organization(3),
            user_id: user(7),
            role: Role::Member,
            invited_by_user_id: None,
        });
        work.record(&deleted());
        work.commit().await.expect("committed");
        assert_eq!(
            world.events.names(),
            ["users.user_registered", "organizations.member_joined", "samples.sample_deleted"]
        );
        assert_eq!(world.events.of::<SampleStatusChanged>(), []);
    }
}
