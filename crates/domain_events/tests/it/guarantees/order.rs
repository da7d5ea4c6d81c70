//! Each listener receives each stream in commit order.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use futures_util::future::join_all;
use tenantry_core::{id::OrganizationId, outbox::DeliveryMode, runtime::Failpoints};
use tenantry_testkit::sample_events::SampleDeleted;
use tenantry_testkit::{Backend, each_database, run};
use tokio::sync::Notify;

use crate::support::{Behavior, Fixture, Mark, Marks, organization};

/// Each stream is complete, without repetitions and in order.
pub(crate) fn assert_in_order(marks: Vec<Mark>, each: i64) {
    let mut streams: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for mark in marks {
        streams.entry(mark.stream).or_default().push(mark.number);
    }
    for (stream, numbers) in streams {
        assert!(
            numbers.iter().copied().eq(1..=each),
            "{stream}: {numbers:?}"
        );
    }
}

each_database! {
    async fn numbers_start_at_one_and_have_no_gaps(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let process = fixture.process().await;
        for n in [3, 1, 2] {
            process.record(organization(1), n).await;
            process.record(organization(2), n).await;
        }
        let numbers = "SELECT number FROM event_log ORDER BY stream_id, number";
        let rows = fixture.raw.query(numbers).await;
        let numbers: Vec<_> = rows.iter().map(|row| row["number"].as_i64().expect("one")).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6]);
    }

    async fn a_failure_delays_its_stream_and_no_other(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let process = fixture.process().await;
        let failed = std::sync::atomic::AtomicBool::new(false);
        let marks = Marks::with("test.marks", move |envelope| {
            let ours = envelope.stream_id == organization(1).uuid() && envelope.number == 2;
            if ours && !failed.swap(true, std::sync::atomic::Ordering::SeqCst) {
                Behavior::Fails
            } else {
                Behavior::Fine
            }
        });
        process.bus.subscribe::<SampleDeleted>(DeliveryMode::Inline, marks);
        process.record(organization(1), 3).await;
        process.record(organization(1), 1).await;
        process.record(organization(2), 3).await;
        process.drain().await;
        let numbers = |marks: Vec<Mark>, of: OrganizationId| -> Vec<i64> {
            let ours = marks.into_iter().filter(|mark| mark.stream == of.to_string());
            ours.map(|mark| mark.number).collect()
        };
        let marks = fixture.marks("test.marks").await;
        assert_eq!(numbers(marks.clone(), organization(1)), [1]);
        assert_eq!(numbers(marks, organization(2)), [1, 2, 3]);
        fixture.later();
        process.drain().await;
        let marks = fixture.marks("test.marks").await;
        assert_eq!(numbers(marks, organization(1)), [1, 2, 3, 4]);
        assert_eq!(fixture.left().await, 0);
    }

    async fn events_of_concurrent_writers_are_delivered_in_commit_order(
        db: TestDatabase
    ) {
        let fixture = Fixture::new(db).await;
        let process = Arc::new(fixture.process().await);
        process.bus.subscribe::<SampleDeleted>(DeliveryMode::Inline, Marks::new("test.inline"));
        process.bus.subscribe::<SampleDeleted>(DeliveryMode::Background, Marks::new("test.later"));
        let dispatcher = process.dispatch();
        let writers = (0..8).map(|writer: u128| {
            let process = Arc::clone(&process);
            tokio::spawn(async move {
                for n in 0..10 {
                    process.record(organization(1 + (writer + n) % 2), 1).await;
                }
            })
        });
        for written in join_all(writers).await {
            written.expect("no panic");
        }
        fixture.until_done("test.inline").await;
        fixture.until_done("test.later").await;
        dispatcher.stop(std::time::Duration::from_secs(30)).await;
        for listener in ["test.inline", "test.later"] {
            let marks = fixture.marks(listener).await;
            assert_eq!(marks.len(), 80, "{listener}");
            assert_in_order(marks, 40);
        }
    }
}

/// Blocks the first hit until it is released.
#[derive(Default)]
struct BlocksTheFirst {
    is_taken: std::sync::atomic::AtomicBool,
    reached: Notify,
    release: Notify,
}

#[async_trait]
impl Failpoints for BlocksTheFirst {
    async fn hit(&self, place: &'static str) {
        if place == "events.logged"
            && !self
                .is_taken
                .swap(true, std::sync::atomic::Ordering::SeqCst)
        {
            self.reached.notify_one();
            self.release.notified().await;
        }
    }
}

/// Only on Postgres: SQLite has one writer at a time.
#[test]
fn a_commit_that_becomes_visible_late_is_not_skipped() {
    run(Backend::Postgres, async |db| {
        let fixture = Fixture::new(db).await;
        let hold = Arc::new(BlocksTheFirst::default());
        let process = Arc::new(
            fixture
                .process_with_failpoints(Arc::clone(&hold) as _)
                .await,
        );
        process
            .bus
            .subscribe::<SampleDeleted>(DeliveryMode::Background, Marks::new("test.marks"));
        let commit = |n| {
            let process = Arc::clone(&process);
            tokio::spawn(async move { process.record(organization(n), 1).await })
        };
        let first = commit(1);
        hold.reached.notified().await;
        // Another stream overtakes it and is delivered.
        commit(2).await.expect("no panic");
        process.drain().await;
        assert_eq!(fixture.marks("test.marks").await.len(), 1);
        // Its own stream waits.
        let second = commit(1);
        while fixture.raw.number(WAITING).await == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        process.drain().await;
        assert_eq!(fixture.marks("test.marks").await.len(), 1);
        hold.release.notify_one();
        first.await.expect("no panic");
        second.await.expect("no panic");
        process.drain().await;
        let marks = fixture.marks("test.marks").await;
        let ours = marks
            .iter()
            .filter(|mark| mark.stream == organization(1).to_string());
        assert!(ours.map(|mark| mark.number).eq([1, 2]));
    });
}

const WAITING: &str = "SELECT count(*) AS n FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND datname = current_database()";
