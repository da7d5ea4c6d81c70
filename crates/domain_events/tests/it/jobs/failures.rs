//! Retries, dead letters and crashes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tenantry_core::{id::Uuid, job::NewJob};
use tenantry_testkit::each_database;

use super::support::{LeaveMark, Marker, NAME};
use crate::support::{Behavior, Fixture, NONE, organization};

/// More than the maximum number of attempts.
const MORE_THAN_ALL_ATTEMPTS: usize = 20;

each_database! {
    async fn a_failed_job_is_retried_and_takes_effect_once(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(1).await;
        let process = fixture.process_with(Duration::from_millis(300)).await;
        let calls = AtomicUsize::new(0);
        process.bus.handle::<LeaveMark>(Marker::with(move |_| {
            match calls.fetch_add(1, Ordering::SeqCst) {
                0 => Behavior::Fails,
                1 => Behavior::Panics,
                2 => Behavior::Hangs,
                _ => Behavior::Fine,
            }
        }));
        process.enqueue(1, LeaveMark { number: 1 }).await;
        process.drain().await;
        assert_eq!(process.job_backlog().await.retries, 1);
        process.drain().await;
        assert_eq!(fixture.done().await, NONE, "not before the backoff");
        for _ in 0..3 {
            fixture.later();
            process.drain().await;
        }
        assert_eq!(fixture.done().await, [1]);
        assert_eq!((fixture.left().await, fixture.stored().await), (0, 0));
    }

    async fn a_job_that_fails_delays_no_other_of_its_organization(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(1).await;
        let process = fixture.process().await;
        process.bus.handle::<LeaveMark>(Marker::with(|job| {
            if job.number == 1 { Behavior::Fails } else { Behavior::Fine }
        }));
        process.enqueue_many(1, 40).await;
        process.drain().await;
        assert_eq!(fixture.done().await.len(), 39);
        assert_eq!(process.job_backlog().await.scheduled, 1);
    }

    async fn a_job_that_always_fails_becomes_a_dead_letter_and_can_be_retried(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(1).await;
        let process = fixture.process().await;
        let fixed = Arc::new(AtomicBool::new(false));
        let is_fixed = Arc::clone(&fixed);
        let marker = Marker::with(move |_| {
            if is_fixed.load(Ordering::SeqCst) { Behavior::Fine } else { Behavior::Fails }
        });
        let calls = Arc::clone(&marker.calls);
        process.bus.handle::<LeaveMark>(marker);
        let keyed = |number| NewJob::of(&LeaveMark { number }).unique("one");
        process.enqueue(1, keyed(1)).await;
        for _ in 0..MORE_THAN_ALL_ATTEMPTS {
            process.drain().await;
            fixture.later();
        }
        assert_eq!(calls.load(Ordering::SeqCst), 15);
        let letters = process.operations().dead_letters(None).await.expect("queried");
        assert_eq!(letters.len(), 1);
        assert_eq!((letters[0].listener.as_str(), letters[0].attempts), (NAME, 15));
        assert_eq!(letters[0].organization_id, Some(organization(1)));
        assert_eq!(letters[0].last_error.as_deref(), Some("as this test wants"));
        assert_eq!(process.queue.dead_letters(None).await.expect("queried"), [], "of no event");
        assert_eq!(process.job_backlog().await.dead, 1);

        fixed.store(true, Ordering::SeqCst);
        process.enqueue(1, keyed(2)).await;
        process.drain().await;
        assert_eq!(fixture.done().await, [2], "a dead letter does not wait");
        assert_eq!(process.operations().retry(NAME).await.expect("queried"), 1);
        process.drain().await;
        assert_eq!(fixture.done().await, [2, 1]);
        assert_eq!((fixture.left().await, fixture.stored().await), (0, 0));
    }

    async fn a_job_that_crashes_every_process_becomes_a_dead_letter_alone(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(1).await;
        let process = fixture.process().await;
        let marker = Marker::new();
        process.bus.handle::<LeaveMark>(marker.clone());
        process.enqueue_many(1, 3).await;
        for _ in 0..15 {
            // Claimed by a process that crashes.
            let claimed = process.queue.claim_jobs(NAME, Uuid::nil(), 1).await.expect("queried");
            assert_eq!(claimed[0].len(), 3);
            fixture.later();
        }
        process.drain().await;
        assert_eq!(process.job_backlog().await.dead, 1);
        assert_eq!(fixture.done().await.len(), 2);
        assert_eq!(marker.calls.load(Ordering::SeqCst), 2, "the poisoned one was not attempted again");
    }

    async fn a_job_that_can_not_be_read_becomes_a_dead_letter(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(1).await;
        let process = fixture.process().await;
        process.bus.handle::<LeaveMark>(Marker::new());
        process.enqueue(1, LeaveMark { number: 1 }).await;
        fixture.raw.execute("UPDATE jobs SET payload = '{}'").await;
        for _ in 0..MORE_THAN_ALL_ATTEMPTS {
            process.drain().await;
            fixture.later();
        }
        let letters = process.operations().dead_letters(Some(NAME)).await.expect("queried");
        let problem = letters[0].last_error.clone().expect("an error");
        assert!(problem.contains("missing field"), "{problem}");
    }

    async fn dead_letters_are_pruned_with_what_they_hold(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(2).await;
        let process = fixture.process().await;
        process.bus.handle::<LeaveMark>(Marker::with(|_| Behavior::Fails));
        for n in 1..=2 {
            process.enqueue(n, LeaveMark { number: 1 }).await;
        }
        for _ in 0..MORE_THAN_ALL_ATTEMPTS {
            process.drain().await;
            fixture.later();
        }
        process.enqueue(1, NewJob::of(&LeaveMark { number: 2 })).await;
        let retention = tenantry_domain_events::Retention {
            dead: Some(Duration::from_secs(30)),
            ..Default::default()
        };
        let pruned = retention.prune(&process.queue).await.expect("pruned");
        assert_eq!(pruned.dead, 2);
        assert_eq!((fixture.left().await, fixture.stored().await), (1, 1), "what waits stays");
    }

    async fn jobs_without_a_handler_wait_until_they_are_dropped(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(2).await;
        let process = fixture.process().await;
        for n in 1..=2 {
            process.enqueue_many(n, 3).await;
        }
        process.drain().await;
        let status = process.operations().status().await.expect("queried");
        assert_eq!(status.len(), 1);
        assert_eq!((status[0].backlog.due, status[0].has_handler), (6, false));
        assert_eq!(process.operations().forget(NAME).await.expect("dropped"), 6);
        assert_eq!((fixture.left().await, fixture.stored().await), (0, 0));

        process.bus.handle::<LeaveMark>(Marker::new());
        process.enqueue(1, LeaveMark { number: 1 }).await;
        assert_eq!(process.operations().forget(NAME).await.expect("queried"), 0, "it has a handler");
        process.drain().await;
        assert_eq!(fixture.done().await, [1]);
    }
}
