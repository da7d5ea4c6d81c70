//! What can't be handled ends as a dead letter that operators see.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tenantry_core::outbox::DeliveryMode;
use tenantry_domain_events::events::projects::ProjectDeleted;
use tenantry_testkit::each_database;

use crate::support::{Manner, Marks, Stage, organization};

/// More than any delivery is tried.
const OFTEN: usize = 20;

each_database! {
    async fn a_poisoned_event_becomes_a_dead_letter_and_frees_its_stream(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let process = stage.process().await;
        let cured = Arc::new(AtomicBool::new(false));
        let well = Arc::clone(&cured);
        let marks = Marks::with("test.marks", move |envelope| {
            let poisoned = envelope.number == 1 && !well.load(Ordering::SeqCst);
            if poisoned { Manner::Fails } else { Manner::Fine }
        });
        let told = Arc::clone(&marks.told);
        process.bus.subscribe::<ProjectDeleted>(DeliveryMode::Background, marks);
        process.record(organization(1), 2).await;
        for _ in 0..OFTEN {
            process.drain().await;
            stage.later();
        }
        assert_eq!(stage.numbers("test.marks").await, [2], "the next one is not held up for ever");
        assert_eq!(told.load(Ordering::SeqCst), 15 + 1);

        let backlog = process.backlog("test.marks").await;
        assert_eq!((backlog.pending, backlog.retries, backlog.dead), (0, 0, 1));
        let letters = process.queue.dead_letters(None).await.expect("asked");
        assert_eq!(letters.len(), 1);
        let letter = &letters[0];
        assert_eq!(letter.listener, "test.marks");
        assert_eq!(letter.event, "projects.project_deleted");
        assert_eq!(letter.organization_id, Some(organization(1)));
        assert_eq!(letter.attempts, 15);
        assert_eq!(letter.last_error.as_deref(), Some("as this test wants"));
        let others = process.queue.dead_letters(Some("test.others")).await;
        assert_eq!(others.expect("asked"), []);

        cured.store(true, Ordering::SeqCst);
        assert_eq!(process.queue.requeue_dead_letters("test.others").await.expect("asked"), 0);
        assert_eq!(process.queue.requeue_dead_letters("test.marks").await.expect("asked"), 1);
        process.drain().await;
        assert_eq!(stage.numbers("test.marks").await, [2, 1]);
        assert_eq!(stage.left().await, 0);
    }

    async fn an_event_that_can_not_be_read_becomes_a_dead_letter(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let process = stage.process().await;
        process.bus.subscribe::<ProjectDeleted>(DeliveryMode::Background, Marks::new("test.marks"));
        process.record(organization(1), 2).await;
        stage.raw.execute("UPDATE event_log SET payload = '{}' WHERE number = 1").await;
        for _ in 0..OFTEN {
            process.drain().await;
            stage.later();
        }
        assert_eq!(stage.numbers("test.marks").await, [2]);
        let letters = process.queue.dead_letters(None).await.expect("asked");
        let problem = letters[0].last_error.clone().expect("it is said");
        assert!(problem.contains("missing field"), "{problem}");
    }

    async fn what_ends_every_process_that_tries_it_becomes_a_dead_letter(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let process = stage.process().await;
        let marks = Marks::new("test.marks");
        process.bus.subscribe::<ProjectDeleted>(DeliveryMode::Background, marks.clone());
        process.record(organization(1), 2).await;
        for _ in 0..15 {
            // Given to a process of which nothing is heard again.
            let claimed = process.queue.claim("test.marks", 1).await.expect("asked");
            assert_eq!(claimed[0].len(), 2);
            stage.later();
        }
        process.drain().await;
        assert_eq!(process.backlog("test.marks").await.dead, 1);
        assert_eq!(stage.numbers("test.marks").await, [2]);
        assert_eq!(marks.told.load(Ordering::SeqCst), 1, "the poison was not tried again");
    }
}
