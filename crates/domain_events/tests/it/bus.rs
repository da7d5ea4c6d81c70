//! Which listeners receive which events.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::Ordering,
};

use tenantry_core::outbox::{DeliveryMode, Publisher as _};
use tenantry_domain_events::EventBus;
use tenantry_testkit::each_database;
use tenantry_testkit::sample_events::{SampleDeleted, SampleStatusChanged};

use crate::support::{Fixture, Marks, NONE, organization};

each_database! {
    async fn an_inline_listener_has_run_when_the_commit_returns(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let process = fixture.process().await;
        for name in ["test.one", "test.two"] {
            process.bus.subscribe::<SampleDeleted>(DeliveryMode::Inline, Marks::new(name));
        }
        process.record(organization(1), 2).await;
        for name in ["test.one", "test.two"] {
            assert_eq!(fixture.numbers(name).await, [1, 2], "{name}");
        }
        assert_eq!(fixture.left().await, 0, "handled deliveries are deleted");
    }

    async fn a_background_listener_is_left_to_the_dispatcher(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let process = fixture.process().await;
        let marks = Marks::new("test.marks");
        process.bus.subscribe::<SampleDeleted>(DeliveryMode::Background, marks.clone());
        process.record(organization(1), 1).await;
        assert_eq!(marks.calls.load(Ordering::SeqCst), 0);
        process.drain().await;
        assert_eq!(fixture.numbers("test.marks").await, [1]);
    }

    async fn a_listener_receives_only_its_own_event_type(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let process = fixture.process().await;
        process.bus.subscribe::<SampleStatusChanged>(DeliveryMode::Inline, Marks::new("test.changed"));
        process.bus.subscribe::<SampleDeleted>(DeliveryMode::Inline, Marks::new("test.deleted"));
        process.record(organization(1), 1).await;
        assert_eq!(fixture.numbers("test.changed").await, NONE);
        assert_eq!(fixture.numbers("test.deleted").await, [1]);
    }

    async fn an_event_without_listeners_is_logged_without_a_delivery(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        fixture.process().await.record(organization(1), 1).await;
        assert_eq!(fixture.raw.number("SELECT count(*) AS n FROM event_log").await, 1);
        assert_eq!(fixture.left().await, 0);
    }

    async fn a_process_without_a_dispatcher_notifies_others(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let (server, command) = (fixture.process().await, fixture.process().await);
        for process in [&server, &command] {
            process.bus.subscribe::<SampleDeleted>(DeliveryMode::Background, Marks::new("test.marks"));
        }
        let mut notifications = server.queue.listen().await.expect("subscribed");
        command.record(organization(1), 1).await;
        if fixture.raw.backend() == tenantry_testkit::Backend::Postgres {
            notifications.next().await.expect("notified");
        }
        server.drain().await;
        assert_eq!(fixture.numbers("test.marks").await, [1]);
    }
}

#[test]
#[should_panic(expected = "a listener named test.marks is registered already")]
fn two_listeners_of_one_name_are_rejected() {
    let bus = EventBus::new();
    bus.subscribe::<SampleDeleted>(DeliveryMode::Inline, Marks::new("test.marks"));
    bus.subscribe::<SampleStatusChanged>(DeliveryMode::Inline, Marks::new("test.marks"));
}

#[test]
fn a_rejected_registration_leaves_the_other_listeners_subscribed() {
    let bus = EventBus::new();
    bus.subscribe::<SampleDeleted>(DeliveryMode::Inline, Marks::new("test.marks"));
    let again = Marks::new("test.marks");
    let rejected = catch_unwind(AssertUnwindSafe(|| {
        bus.subscribe::<SampleDeleted>(DeliveryMode::Inline, again);
    }));
    assert!(rejected.is_err());
    let listening = bus.subscriptions("samples.sample_deleted");
    assert_eq!(listening.len(), 1, "once");
}
