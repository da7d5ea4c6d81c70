//! The contents of an envelope, from the unit of work to the listener.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tenantry_core::{
    access::{ActedBy, Actor, Role},
    event::{Changes, Envelope},
    id::{OrganizationId, Uuid},
    outbox::DeliveryMode,
};
use tenantry_domain_events::{
    Dispatcher, EventContext, Listener, ListenerError,
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
        let actor = Actor { user: Some(user(7)), request: Some(Uuid::from_u128(9)), ..Actor::system() };
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

/// Records another event, in its own unit of work or in the listener's.
struct Reaction {
    database: tenantry_core::db::Database,
}

tenantry_core::permission!(
    /// React.
    React = "test.react", Owner
);

#[async_trait]
impl Listener<SampleDeleted> for Reaction {
    fn name(&self) -> &'static str {
        "test.reaction"
    }

    async fn on(
        &self,
        event: SampleDeleted,
        context: &mut EventContext<OrganizationId>,
    ) -> Result<(), ListenerError> {
        let changed = |status: &str| SampleStatusChanged {
            organization_id: event.organization_id,
            sample_id: event.sample_id,
            status: status.to_owned(),
        };
        let grant = context.tenant_context().require::<React>()?;
        let mut own = self.database.begin(&grant);
        own.record(&changed("own"));
        own.commit().await?;
        context.work().record(&changed("shared"));
        Ok(())
    }
}

each_database! {
    async fn what_a_background_listener_records_carries_the_actor_of_its_event_as_it_was(db: TestDatabase) {
        let world = World::new(db).await;
        let ada = world.user("Ada").await;
        let listener = Reaction { database: world.database.clone() };
        let bus = world.events.bus();
        bus.subscribe(DeliveryMode::Background, listener);
        let by = ActedBy::Token { id: Uuid::from_u128(5).into(), name: Some("Deploy".into()) };
        let request = Some(Uuid::from_u128(9));
        let mut work = world.database.begin(Actor { user: Some(ada), request, by, identity: None });
        work.record(&deleted());
        work.commit().await.expect("committed");
        world.raw.execute("UPDATE users SET name = 'Countess', email = 'new@example.com'").await;
        Dispatcher::drain(bus, &world.queue).await;
        let rows = world.raw.query(
            "SELECT name, acted_by, token_name, actor_name, actor_email FROM event_log ORDER BY number",
        ).await;
        assert_eq!(rows.len(), 3, "{rows:#?}");
        for row in rows {
            assert_eq!(row["acted_by"], "token", "{row}");
            assert_eq!(row["token_name"], "Deploy", "{row}");
            assert_eq!(row["actor_name"], "Ada", "{row}");
            assert_eq!(row["actor_email"], "ada@example.com", "{row}");
        }
    }

    async fn what_is_published_holds_no_name_of_the_actor(db: TestDatabase) {
        let world = World::new(db).await;
        let ada = world.user("Ada").await;
        let mut work = world.database.begin(Actor { user: Some(ada), ..Actor::system() });
        work.record_change(&deleted(), Changes::default().field("name", "before", "after"));
        work.commit().await.expect("committed");
        let published = world.events.published();
        let json = serde_json::to_value(&published[0]).expect("plain data");
        let fields: Vec<_> = json.as_object().expect("an object").keys().cloned().collect();
        assert_eq!(fields, [
            "actor_id", "id", "kind", "name", "number", "occurred_at", "organization_id", "payload",
            "request_id", "stream_id", "version",
        ]);
    }
}
