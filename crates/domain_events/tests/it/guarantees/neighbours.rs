//! A listener that fails or hangs does not delay others.

use std::time::Duration;

use tenantry_core::outbox::DeliveryMode;
use tenantry_testkit::each_database;
use tenantry_testkit::sample_events::SampleDeleted;

use crate::support::{Behavior, Fixture, Marks, NONE, organization};

each_database! {
    async fn a_misbehaving_inline_listener_blocks_no_other(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        for (n, behavior) in (1..).zip([Behavior::Fails, Behavior::Panics, Behavior::Hangs]) {
            let process = fixture.process_with(Duration::from_secs(2)).await;
            for (name, behavior) in [
                ("test.before", Behavior::Fine),
                ("test.culprit", behavior),
                ("test.after", Behavior::Fine),
            ] {
                process.bus.subscribe::<SampleDeleted>(
                    DeliveryMode::Inline, Marks::always(name, behavior),
                );
            }
            // It returns, so the caller does not hang; the culprit's second event stays pending.
            process.record(organization(n), 2).await;
            for name in ["test.before", "test.after"] {
                let marks = fixture.marks(name).await.into_iter();
                let ours = marks.filter(|mark| mark.stream == organization(n).to_string());
                assert!(ours.map(|mark| mark.number).eq([1, 2]), "{name}");
            }
            assert_eq!(fixture.numbers("test.culprit").await, NONE);
        }
        let process = fixture.process().await;
        assert_eq!(process.backlog("test.culprit").await.pending, 6);
        assert_eq!(process.backlog("test.before").await.pending, 0);
    }

    async fn a_hanging_inline_listener_does_not_delay_the_next_one(
        db: TestDatabase
    ) {
        let fixture = Fixture::new(db).await;
        let process = fixture.process_with(Duration::from_secs(3600)).await;
        for (name, behavior) in [("test.hangs", Behavior::Hangs), ("test.fine", Behavior::Fine)] {
            process.bus.subscribe::<SampleDeleted>(DeliveryMode::Inline, Marks::always(name, behavior));
        }
        let recording = async {
            process.record(organization(1), 2).await;
        };
        let delivered = async {
            while fixture.numbers("test.fine").await != [1, 2] {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::select! {
            () = recording => panic!("the commit waits for all inline listeners"),
            () = delivered => {}
            () = tokio::time::sleep(Duration::from_secs(60)) => panic!("the listener was delayed"),
        }
    }

    async fn a_hanging_background_listener_blocks_no_other(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let process = fixture.process_with(Duration::from_secs(3600)).await;
        for (name, behavior) in [
            ("test.hangs", Behavior::Hangs),
            ("test.fails", Behavior::Fails),
            ("test.fine", Behavior::Fine),
        ] {
            process.bus.subscribe::<SampleDeleted>(
                DeliveryMode::Background, Marks::always(name, behavior),
            );
        }
        let dispatcher = process.dispatch();
        // More streams than a listener handles concurrently.
        for n in 1..=20 {
            process.record(organization(n), 2).await;
        }
        fixture.until_done("test.fine").await;
        assert_eq!(fixture.marks("test.fine").await.len(), 40);
        assert_eq!(process.backlog("test.hangs").await.pending, 40);
        assert_eq!(process.backlog("test.fails").await.pending, 40);
        drop(dispatcher);
    }

    async fn a_failing_stream_delays_no_other_stream(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let process = fixture.process().await;
        let marks = Marks::with("test.marks", |envelope| {
            let ours = envelope.stream_id == organization(1).uuid();
            if ours { Behavior::Fails } else { Behavior::Fine }
        });
        process.bus.subscribe::<SampleDeleted>(DeliveryMode::Background, marks);
        process.record(organization(1), 100).await;
        for n in 2..=20 {
            process.record(organization(n), 1).await;
        }
        process.drain().await;
        assert_eq!(fixture.marks("test.marks").await.len(), 19);
        assert_eq!(process.backlog("test.marks").await.pending, 100);
    }
}
