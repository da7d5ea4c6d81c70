//! At least once after a commit, and never without one.

use std::{future::poll_fn, sync::Arc, task::Poll};

use tenantry_core::{access::Actor, outbox::DeliveryMode};
use tenantry_domain_events::events::projects::ProjectDeleted;
use tenantry_testkit::each_database;
use tokio::sync::Notify;

use crate::support::{Manner, Marks, NONE, Stage, organization, process::deleted};

each_database! {
    async fn nothing_is_told_after_a_rollback(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let process = stage.process().await;
        process.bus.subscribe::<ProjectDeleted>(DeliveryMode::Inline, Marks::new("test.inline"));
        process.bus.subscribe::<ProjectDeleted>(DeliveryMode::Background, Marks::new("test.later"));
        let mut work = process.database.begin(Actor::system());
        drop(work.global().await.expect("begun"));
        work.record(&deleted(organization(1)));
        drop(work);
        process.drain().await;
        assert_eq!(stage.numbers("test.inline").await, NONE);
        assert_eq!(stage.numbers("test.later").await, NONE);
        assert_eq!(stage.raw.number("SELECT count(*) AS n FROM event_log").await, 0);
        assert_eq!(stage.left().await, 0);
        // Nor is there a gap.
        process.record(organization(1), 1).await;
        assert_eq!(stage.numbers("test.inline").await, [1]);
    }

    async fn what_was_not_told_because_its_process_died_is_told_by_another(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let (dying, other) = (stage.dying().await, stage.process().await);
        for process in [&dying, &other] {
            process.bus.subscribe::<ProjectDeleted>(DeliveryMode::Inline, Marks::new("test.inline"));
            process.bus.subscribe::<ProjectDeleted>(DeliveryMode::Background, Marks::new("test.later"));
        }
        dying.record(organization(1), 2).await;
        other.drain().await;
        assert_eq!(stage.numbers("test.later").await, [1, 2], "it was nobody's yet");
        assert_eq!(stage.numbers("test.inline").await, NONE, "it was given to the one that died");
        stage.later();
        other.drain().await;
        assert_eq!(stage.numbers("test.inline").await, [1, 2]);
        assert_eq!(stage.left().await, 0);
    }

    async fn a_process_that_dies_in_the_middle_of_a_listener_leaves_it_to_another(
        db: TestDatabase
    ) {
        let stage = Stage::set(db).await;
        let (dying, other) = (stage.process().await, stage.process().await);
        let half = Marks::always("test.marks", Manner::WaitsLast(Arc::new(Notify::new())));
        dying.bus.subscribe::<ProjectDeleted>(DeliveryMode::Background, half.clone());
        other.bus.subscribe::<ProjectDeleted>(DeliveryMode::Background, Marks::new("test.marks"));
        dying.record(organization(1), 1).await;
        let dispatcher = dying.dispatch();
        half.wrote.notified().await;
        drop(dispatcher);
        dying.database.close().await;
        assert_eq!(stage.numbers("test.marks").await, NONE, "what it wrote went with it");
        stage.later();
        // Until the database knows that the process is gone, it may come back.
        while stage.left().await > 0 {
            other.drain().await;
        }
        assert_eq!(stage.numbers("test.marks").await, [1]);
    }

    async fn a_listener_that_failed_is_told_again_and_hears_nothing_twice(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let process = stage.process().await;
        let told = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let marks = Marks::with("test.marks", move |_| {
            match told.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
                0 => Manner::Fails,
                1 => Manner::Panics,
                _ => Manner::Fine,
            }
        });
        process.bus.subscribe::<ProjectDeleted>(DeliveryMode::Inline, marks);
        process.record(organization(1), 1).await;
        assert_eq!(process.backlog("test.marks").await.retries, 1);
        process.drain().await;
        assert_eq!(stage.numbers("test.marks").await, NONE, "not at once");
        stage.later();
        process.drain().await;
        stage.later();
        process.drain().await;
        assert_eq!(stage.numbers("test.marks").await, [1]);
        assert_eq!(stage.left().await, 0);
    }

    async fn an_event_of_a_version_that_this_program_does_not_know_is_not_passed_over(
        db: TestDatabase
    ) {
        let stage = Stage::set(db).await;
        let (dying, other) = (stage.dying().await, stage.process().await);
        for process in [&dying, &other] {
            process.bus.subscribe::<ProjectDeleted>(DeliveryMode::Background, Marks::new("test.marks"));
        }
        dying.record(organization(1), 1).await;
        stage.raw.execute("UPDATE event_log SET version = 2").await;
        other.drain().await;
        assert_eq!(stage.numbers("test.marks").await, NONE);
        assert_eq!(other.backlog("test.marks").await.retries, 1);
        // A program that knows it comes along.
        stage.raw.execute("UPDATE event_log SET version = 1").await;
        stage.later();
        other.drain().await;
        assert_eq!(stage.numbers("test.marks").await, [1]);
    }

    async fn a_dispatcher_that_is_told_to_stop_finishes_what_it_began(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let process = stage.process().await;
        let go_on = Arc::new(Notify::new());
        let waits = Marks::always("test.marks", Manner::WaitsLast(Arc::clone(&go_on)));
        process.bus.subscribe::<ProjectDeleted>(DeliveryMode::Background, waits.clone());
        process.record(organization(1), 2).await;
        let dispatcher = process.dispatch();
        waits.wrote.notified().await;
        let mut stopping = Box::pin(dispatcher.stop(std::time::Duration::from_secs(60)));
        // It is told before it can go on.
        let stops = poll_fn(|context| Poll::Ready(stopping.as_mut().poll(context))).await;
        assert!(stops.is_pending());
        go_on.notify_one();
        stopping.await;
        assert_eq!(stage.numbers("test.marks").await, [1]);
        // And nothing is kept from the next process.
        let other = stage.process().await;
        other.bus.subscribe::<ProjectDeleted>(DeliveryMode::Background, Marks::new("test.marks"));
        other.drain().await;
        assert_eq!(stage.numbers("test.marks").await, [1, 2]);
    }
}
