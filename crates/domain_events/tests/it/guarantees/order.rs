//! In the order of the commits, for each listener and each stream.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use futures_util::future::join_all;
use tenantry_core::{id::OrganizationId, outbox::DeliveryMode, runtime::Failpoints};
use tenantry_domain_events::events::projects::ProjectDeleted;
use tenantry_testkit::{Backend, each_database, run};
use tokio::sync::Notify;

use crate::support::{Manner, Mark, Marks, Stage, organization};

/// Nothing is missing, nothing is there twice, and each stream is in its order.
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
    async fn numbers_begin_with_one_and_have_no_gaps(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let process = stage.process().await;
        for n in [3, 1, 2] {
            process.record(organization(1), n).await;
            process.record(organization(2), n).await;
        }
        let numbers = "SELECT number FROM event_log ORDER BY stream_id, number";
        let rows = stage.raw.query(numbers).await;
        let numbers: Vec<_> = rows.iter().map(|row| row["number"].as_i64().expect("one")).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6]);
    }

    async fn what_comes_after_a_failure_waits_for_it_and_other_streams_do_not(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let process = stage.process().await;
        let failed = std::sync::atomic::AtomicBool::new(false);
        let marks = Marks::with("test.marks", move |envelope| {
            let ours = envelope.stream_id == organization(1).uuid() && envelope.number == 2;
            if ours && !failed.swap(true, std::sync::atomic::Ordering::SeqCst) {
                Manner::Fails
            } else {
                Manner::Fine
            }
        });
        process.bus.subscribe::<ProjectDeleted>(DeliveryMode::Inline, marks);
        process.record(organization(1), 3).await;
        process.record(organization(1), 1).await;
        process.record(organization(2), 3).await;
        process.drain().await;
        let numbers = |marks: Vec<Mark>, of: OrganizationId| -> Vec<i64> {
            let ours = marks.into_iter().filter(|mark| mark.stream == of.to_string());
            ours.map(|mark| mark.number).collect()
        };
        let marks = stage.marks("test.marks").await;
        assert_eq!(numbers(marks.clone(), organization(1)), [1]);
        assert_eq!(numbers(marks, organization(2)), [1, 2, 3]);
        stage.later();
        process.drain().await;
        let marks = stage.marks("test.marks").await;
        assert_eq!(numbers(marks, organization(1)), [1, 2, 3, 4]);
        assert_eq!(stage.left().await, 0);
    }

    async fn many_writers_of_the_same_streams_are_told_of_in_the_order_of_their_commits(
        db: TestDatabase
    ) {
        let stage = Stage::set(db).await;
        let process = Arc::new(stage.process().await);
        process.bus.subscribe::<ProjectDeleted>(DeliveryMode::Inline, Marks::new("test.inline"));
        process.bus.subscribe::<ProjectDeleted>(DeliveryMode::Background, Marks::new("test.later"));
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
        stage.until_done("test.inline").await;
        stage.until_done("test.later").await;
        dispatcher.stop(std::time::Duration::from_secs(30)).await;
        for listener in ["test.inline", "test.later"] {
            let marks = stage.marks(listener).await;
            assert_eq!(marks.len(), 80, "{listener}");
            assert_in_order(marks, 40);
        }
    }
}

/// Holds up the first that comes by, until it is told to go on.
#[derive(Default)]
struct HoldsTheFirst {
    came: std::sync::atomic::AtomicBool,
    here: Notify,
    go_on: Notify,
}

#[async_trait]
impl Failpoints for HoldsTheFirst {
    async fn hit(&self, place: &'static str) {
        if place == "events.logged" && !self.came.swap(true, std::sync::atomic::Ordering::SeqCst) {
            self.here.notify_one();
            self.go_on.notified().await;
        }
    }
}

/// On SQLite nobody can write while another one is about to commit.
#[test]
fn a_commit_that_becomes_visible_late_is_not_skipped() {
    run(Backend::Postgres, async |db| {
        let stage = Stage::set(db).await;
        let hold = Arc::new(HoldsTheFirst::default());
        let process = Arc::new(stage.process_held(Arc::clone(&hold) as _).await);
        process
            .bus
            .subscribe::<ProjectDeleted>(DeliveryMode::Background, Marks::new("test.marks"));
        let commit = |n| {
            let process = Arc::clone(&process);
            tokio::spawn(async move { process.record(organization(n), 1).await })
        };
        let first = commit(1);
        hold.here.notified().await;
        // Another stream overtakes it, and is told.
        commit(2).await.expect("no panic");
        process.drain().await;
        assert_eq!(stage.marks("test.marks").await.len(), 1);
        // Its own stream can't.
        let second = commit(1);
        while stage.raw.number(WAITING).await == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        process.drain().await;
        assert_eq!(stage.marks("test.marks").await.len(), 1);
        hold.go_on.notify_one();
        first.await.expect("no panic");
        second.await.expect("no panic");
        process.drain().await;
        let marks = stage.marks("test.marks").await;
        let ours = marks
            .iter()
            .filter(|mark| mark.stream == organization(1).to_string());
        assert!(ours.map(|mark| mark.number).eq([1, 2]));
    });
}

const WAITING: &str = "SELECT count(*) AS n FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND datname = current_database()";
