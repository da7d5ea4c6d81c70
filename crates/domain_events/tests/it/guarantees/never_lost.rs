//! Every committed event is delivered, and no rolled back one.

use std::{future::poll_fn, sync::Arc, task::Poll};

use tenantry_core::{access::Actor, outbox::DeliveryMode};
use tenantry_testkit::each_database;
use tenantry_testkit::sample_events::SampleDeleted;
use tokio::sync::Notify;

use crate::support::{Behavior, Fixture, Marks, NONE, organization, process::deleted};

each_database! {
    async fn nothing_is_delivered_after_a_rollback(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let process = fixture.process().await;
        process.bus.subscribe::<SampleDeleted>(DeliveryMode::Inline, Marks::new("test.inline"));
        process.bus.subscribe::<SampleDeleted>(DeliveryMode::Background, Marks::new("test.later"));
        let mut work = process.database.begin(Actor::system());
        drop(work.global().await.expect("a transaction"));
        work.record(&deleted(organization(1)));
        drop(work);
        process.drain().await;
        assert_eq!(fixture.numbers("test.inline").await, NONE);
        assert_eq!(fixture.numbers("test.later").await, NONE);
        assert_eq!(fixture.raw.number("SELECT count(*) AS n FROM event_log").await, 0);
        assert_eq!(fixture.left().await, 0);
        // Nor is there a gap in the numbers.
        process.record(organization(1), 1).await;
        assert_eq!(fixture.numbers("test.inline").await, [1]);
    }

    async fn another_process_delivers_the_events_of_one_that_died_after_its_commit(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let (dying, other) = (fixture.dying().await, fixture.process().await);
        for process in [&dying, &other] {
            process.bus.subscribe::<SampleDeleted>(DeliveryMode::Inline, Marks::new("test.inline"));
            process.bus.subscribe::<SampleDeleted>(DeliveryMode::Background, Marks::new("test.later"));
        }
        dying.record(organization(1), 2).await;
        other.drain().await;
        assert_eq!(fixture.numbers("test.later").await, [1, 2], "it was not claimed");
        assert_eq!(fixture.numbers("test.inline").await, NONE, "it is leased to the process that died");
        fixture.later();
        other.drain().await;
        assert_eq!(fixture.numbers("test.inline").await, [1, 2]);
        assert_eq!(fixture.left().await, 0);
    }

    async fn another_process_takes_over_when_one_dies_inside_a_listener(
        db: TestDatabase
    ) {
        let fixture = Fixture::new(db).await;
        let (dying, other) = (fixture.process().await, fixture.process().await);
        let half = Marks::always("test.marks", Behavior::WaitsLast(Arc::new(Notify::new())));
        dying.bus.subscribe::<SampleDeleted>(DeliveryMode::Background, half.clone());
        other.bus.subscribe::<SampleDeleted>(DeliveryMode::Background, Marks::new("test.marks"));
        dying.record(organization(1), 1).await;
        let dispatcher = dying.dispatch();
        half.wrote.notified().await;
        drop(dispatcher);
        dying.database.close().await;
        assert_eq!(fixture.numbers("test.marks").await, NONE, "its writes are rolled back");
        fixture.later();
        // Until the database notices the closed connection, the row stays locked.
        while fixture.left().await > 0 {
            other.drain().await;
        }
        assert_eq!(fixture.numbers("test.marks").await, [1]);
    }

    async fn a_failed_delivery_is_retried_and_takes_effect_once(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let process = fixture.process().await;
        let calls = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let marks = Marks::with("test.marks", move |_| {
            match calls.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
                0 => Behavior::Fails,
                1 => Behavior::Panics,
                _ => Behavior::Fine,
            }
        });
        process.bus.subscribe::<SampleDeleted>(DeliveryMode::Inline, marks);
        process.record(organization(1), 1).await;
        assert_eq!(process.backlog("test.marks").await.retries, 1);
        process.drain().await;
        assert_eq!(fixture.numbers("test.marks").await, NONE, "not before the backoff");
        fixture.later();
        process.drain().await;
        fixture.later();
        process.drain().await;
        assert_eq!(fixture.numbers("test.marks").await, [1]);
        assert_eq!(fixture.left().await, 0);
    }

    async fn an_event_of_an_unknown_version_is_not_skipped(
        db: TestDatabase
    ) {
        let fixture = Fixture::new(db).await;
        let (dying, other) = (fixture.dying().await, fixture.process().await);
        for process in [&dying, &other] {
            process.bus.subscribe::<SampleDeleted>(DeliveryMode::Background, Marks::new("test.marks"));
        }
        dying.record(organization(1), 1).await;
        fixture.raw.execute("UPDATE event_log SET version = 2").await;
        other.drain().await;
        assert_eq!(fixture.numbers("test.marks").await, NONE);
        assert_eq!(other.backlog("test.marks").await.retries, 1);
        // A program that knows the version takes over.
        fixture.raw.execute("UPDATE event_log SET version = 1").await;
        fixture.later();
        other.drain().await;
        assert_eq!(fixture.numbers("test.marks").await, [1]);
    }

    async fn a_stopped_dispatcher_finishes_the_delivery_in_progress(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let process = fixture.process().await;
        let resume = Arc::new(Notify::new());
        let waits = Marks::always("test.marks", Behavior::WaitsLast(Arc::clone(&resume)));
        process.bus.subscribe::<SampleDeleted>(DeliveryMode::Background, waits.clone());
        process.record(organization(1), 2).await;
        let dispatcher = process.dispatch();
        waits.wrote.notified().await;
        let mut stopping = Box::pin(dispatcher.stop(std::time::Duration::from_secs(60)));
        // The stop is requested before the listener can finish.
        let stops = poll_fn(|context| Poll::Ready(stopping.as_mut().poll(context))).await;
        assert!(stops.is_pending());
        resume.notify_one();
        stopping.await;
        assert_eq!(fixture.numbers("test.marks").await, [1]);
        // The rest is left to the next process.
        let other = fixture.process().await;
        other.bus.subscribe::<SampleDeleted>(DeliveryMode::Background, Marks::new("test.marks"));
        other.drain().await;
        assert_eq!(fixture.numbers("test.marks").await, [1, 2]);
    }
}
