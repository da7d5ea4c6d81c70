//! Who hears what, right after the commit.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::Ordering,
};

use tenantry_core::outbox::{DeliveryMode, Publisher as _};
use tenantry_domain_events::{
    EventBus,
    events::projects::{ProjectDeleted, ProjectStatusChanged},
};
use tenantry_testkit::each_database;

use crate::support::{Marks, NONE, Stage, organization};

each_database! {
    async fn an_inline_listener_was_told_when_the_commit_returns(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let process = stage.process().await;
        for name in ["test.one", "test.two"] {
            process.bus.subscribe::<ProjectDeleted>(DeliveryMode::Inline, Marks::new(name));
        }
        process.record(organization(1), 2).await;
        for name in ["test.one", "test.two"] {
            assert_eq!(stage.numbers(name).await, [1, 2], "{name}");
        }
        assert_eq!(stage.left().await, 0, "what is done is gone");
    }

    async fn a_background_listener_is_left_to_the_dispatcher(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let process = stage.process().await;
        let marks = Marks::new("test.marks");
        process.bus.subscribe::<ProjectDeleted>(DeliveryMode::Background, marks.clone());
        process.record(organization(1), 1).await;
        assert_eq!(marks.told.load(Ordering::SeqCst), 0);
        process.drain().await;
        assert_eq!(stage.numbers("test.marks").await, [1]);
    }

    async fn a_listener_hears_its_own_type_alone(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let process = stage.process().await;
        process.bus.subscribe::<ProjectStatusChanged>(DeliveryMode::Inline, Marks::new("test.changed"));
        process.bus.subscribe::<ProjectDeleted>(DeliveryMode::Inline, Marks::new("test.deleted"));
        process.record(organization(1), 1).await;
        assert_eq!(stage.numbers("test.changed").await, NONE);
        assert_eq!(stage.numbers("test.deleted").await, [1]);
    }

    async fn an_event_that_nobody_listens_to_is_in_the_log_and_nowhere_else(db: TestDatabase) {
        let stage = Stage::set(db).await;
        stage.process().await.record(organization(1), 1).await;
        assert_eq!(stage.raw.number("SELECT count(*) AS n FROM event_log").await, 1);
        assert_eq!(stage.left().await, 0);
    }

    async fn another_process_is_woken_by_one_without_a_dispatcher(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let (server, command) = (stage.process().await, stage.process().await);
        for process in [&server, &command] {
            process.bus.subscribe::<ProjectDeleted>(DeliveryMode::Background, Marks::new("test.marks"));
        }
        let mut wakes = server.queue.listen().await.expect("heard");
        command.record(organization(1), 1).await;
        if stage.raw.backend() == tenantry_testkit::Backend::Postgres {
            wakes.next().await.expect("woken");
        }
        server.drain().await;
        assert_eq!(stage.numbers("test.marks").await, [1]);
    }
}

#[test]
#[should_panic(expected = "a listener named test.marks is registered already")]
fn two_listeners_of_one_name_are_refused() {
    let bus = EventBus::new();
    bus.subscribe::<ProjectDeleted>(DeliveryMode::Inline, Marks::new("test.marks"));
    bus.subscribe::<ProjectStatusChanged>(DeliveryMode::Inline, Marks::new("test.marks"));
}

#[test]
fn a_refused_name_leaves_the_others_listening() {
    let bus = EventBus::new();
    bus.subscribe::<ProjectDeleted>(DeliveryMode::Inline, Marks::new("test.marks"));
    let again = Marks::new("test.marks");
    let refused = catch_unwind(AssertUnwindSafe(|| {
        bus.subscribe::<ProjectDeleted>(DeliveryMode::Inline, again);
    }));
    assert!(refused.is_err());
    let listening = bus.subscriptions("projects.project_deleted");
    assert_eq!(listening.len(), 1, "once");
}
