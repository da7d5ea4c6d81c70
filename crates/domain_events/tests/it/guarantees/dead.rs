//! An event that can't be handled becomes a dead letter.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tenantry_core::outbox::DeliveryMode;
use tenantry_testkit::each_database;
use tenantry_testkit::sample_events::SampleDeleted;

use crate::support::{Behavior, Fixture, Marks, organization};

/// More than the maximum number of attempts.
const MORE_THAN_ALL_ATTEMPTS: usize = 20;

each_database! {
    async fn a_poisoned_event_becomes_a_dead_letter_and_frees_its_stream(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let process = fixture.process().await;
        let fixed = Arc::new(AtomicBool::new(false));
        let is_fixed = Arc::clone(&fixed);
        let marks = Marks::with("test.marks", move |envelope| {
            let poisoned = envelope.number == 1 && !is_fixed.load(Ordering::SeqCst);
            if poisoned { Behavior::Fails } else { Behavior::Fine }
        });
        let calls = Arc::clone(&marks.calls);
        process.bus.subscribe::<SampleDeleted>(DeliveryMode::Background, marks);
        process.record(organization(1), 2).await;
        for _ in 0..MORE_THAN_ALL_ATTEMPTS {
            process.drain().await;
            fixture.later();
        }
        assert_eq!(fixture.numbers("test.marks").await, [2], "the stream continues");
        assert_eq!(calls.load(Ordering::SeqCst), 15 + 1);

        let backlog = process.backlog("test.marks").await;
        assert_eq!((backlog.pending, backlog.retries, backlog.dead), (0, 0, 1));
        let letters = process.queue.dead_letters(None).await.expect("queried");
        assert_eq!(letters.len(), 1);
        let letter = &letters[0];
        assert_eq!(letter.listener, "test.marks");
        assert_eq!(letter.event, "samples.sample_deleted");
        assert_eq!(letter.organization_id, Some(organization(1)));
        assert_eq!(letter.attempts, 15);
        assert_eq!(letter.last_error.as_deref(), Some("as this test wants"));
        let others = process.queue.dead_letters(Some("test.others")).await;
        assert_eq!(others.expect("queried"), []);

        fixed.store(true, Ordering::SeqCst);
        assert_eq!(process.queue.requeue_dead_letters("test.others").await.expect("queried"), 0);
        assert_eq!(process.queue.requeue_dead_letters("test.marks").await.expect("queried"), 1);
        process.drain().await;
        assert_eq!(fixture.numbers("test.marks").await, [2, 1]);
        assert_eq!(fixture.left().await, 0);
    }

    async fn an_unreadable_event_becomes_a_dead_letter(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let process = fixture.process().await;
        process.bus.subscribe::<SampleDeleted>(DeliveryMode::Background, Marks::new("test.marks"));
        process.record(organization(1), 2).await;
        fixture.raw.execute("UPDATE event_log SET payload = '{}' WHERE number = 1").await;
        for _ in 0..MORE_THAN_ALL_ATTEMPTS {
            process.drain().await;
            fixture.later();
        }
        assert_eq!(fixture.numbers("test.marks").await, [2]);
        let letters = process.queue.dead_letters(None).await.expect("queried");
        let problem = letters[0].last_error.clone().expect("an error");
        assert!(problem.contains("missing field"), "{problem}");
    }

    async fn an_event_that_crashes_every_process_becomes_a_dead_letter(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let process = fixture.process().await;
        let marks = Marks::new("test.marks");
        process.bus.subscribe::<SampleDeleted>(DeliveryMode::Background, marks.clone());
        process.record(organization(1), 2).await;
        for _ in 0..15 {
            // Claimed by a process that crashes.
            let claimed = process.queue.claim("test.marks", 1).await.expect("queried");
            assert_eq!(claimed[0].len(), 2);
            fixture.later();
        }
        process.drain().await;
        assert_eq!(process.backlog("test.marks").await.dead, 1);
        assert_eq!(fixture.numbers("test.marks").await, [2]);
        assert_eq!(marks.calls.load(Ordering::SeqCst), 1, "the poisoned event was not attempted again");
    }
}
