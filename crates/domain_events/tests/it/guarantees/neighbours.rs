//! A listener that fails or hangs delays no other.

use std::time::Duration;

use tenantry_core::outbox::DeliveryMode;
use tenantry_domain_events::events::projects::ProjectDeleted;
use tenantry_testkit::each_database;

use crate::support::{Manner, Marks, NONE, Stage, organization};

each_database! {
    async fn an_inline_listener_that_misbehaves_keeps_no_other_from_hearing(db: TestDatabase) {
        let stage = Stage::set(db).await;
        for (n, manner) in (1..).zip([Manner::Fails, Manner::Panics, Manner::Hangs]) {
            let process = stage.process_with(Duration::from_secs(2)).await;
            for (name, manner) in [
                ("test.before", Manner::Fine),
                ("test.culprit", manner),
                ("test.after", Manner::Fine),
            ] {
                process.bus.subscribe::<ProjectDeleted>(
                    DeliveryMode::Inline, Marks::always(name, manner),
                );
            }
            // It returns, so nobody waits for ever; the second event of the culprit has to wait.
            process.record(organization(n), 2).await;
            for name in ["test.before", "test.after"] {
                let marks = stage.marks(name).await.into_iter();
                let ours = marks.filter(|mark| mark.stream == organization(n).to_string());
                assert!(ours.map(|mark| mark.number).eq([1, 2]), "{name}");
            }
            assert_eq!(stage.numbers("test.culprit").await, NONE);
        }
        let process = stage.process().await;
        assert_eq!(process.backlog("test.culprit").await.pending, 6);
        assert_eq!(process.backlog("test.before").await.pending, 0);
    }

    async fn an_inline_listener_that_never_ends_does_not_keep_the_next_one_waiting(
        db: TestDatabase
    ) {
        let stage = Stage::set(db).await;
        let process = stage.process_with(Duration::from_secs(3600)).await;
        for (name, manner) in [("test.hangs", Manner::Hangs), ("test.fine", Manner::Fine)] {
            process.bus.subscribe::<ProjectDeleted>(DeliveryMode::Inline, Marks::always(name, manner));
        }
        let recording = async {
            process.record(organization(1), 2).await;
        };
        let told = async {
            while stage.numbers("test.fine").await != [1, 2] {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::select! {
            () = recording => panic!("whoever commits waits for all of them"),
            () = told => {}
            () = tokio::time::sleep(Duration::from_secs(60)) => panic!("it was kept waiting"),
        }
    }

    async fn a_background_listener_that_never_ends_keeps_no_other_from_hearing(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let process = stage.process_with(Duration::from_secs(3600)).await;
        for (name, manner) in [
            ("test.hangs", Manner::Hangs),
            ("test.fails", Manner::Fails),
            ("test.fine", Manner::Fine),
        ] {
            process.bus.subscribe::<ProjectDeleted>(
                DeliveryMode::Background, Marks::always(name, manner),
            );
        }
        let dispatcher = process.dispatch();
        // More streams than a listener is told of at once.
        for n in 1..=20 {
            process.record(organization(n), 2).await;
        }
        stage.until_done("test.fine").await;
        assert_eq!(stage.marks("test.fine").await.len(), 40);
        assert_eq!(process.backlog("test.hangs").await.pending, 40);
        assert_eq!(process.backlog("test.fails").await.pending, 40);
        drop(dispatcher);
    }

    async fn a_stream_that_fails_again_and_again_keeps_no_other_stream_waiting(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let process = stage.process().await;
        let marks = Marks::with("test.marks", |envelope| {
            let ours = envelope.stream_id == organization(1).uuid();
            if ours { Manner::Fails } else { Manner::Fine }
        });
        process.bus.subscribe::<ProjectDeleted>(DeliveryMode::Background, marks);
        process.record(organization(1), 100).await;
        for n in 2..=20 {
            process.record(organization(n), 1).await;
        }
        process.drain().await;
        assert_eq!(stage.marks("test.marks").await.len(), 19);
        assert_eq!(process.backlog("test.marks").await.pending, 100);
    }
}
