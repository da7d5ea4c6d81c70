//! A listener's writes through its context take effect once.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tenantry_core::{id::OrganizationId, outbox::DeliveryMode};
use tenantry_domain_events::{EventContext, Listener, ListenerError};
use tenantry_testkit::sample_events::{SampleDeleted, SampleStatusChanged};
use tenantry_testkit::{Backend, each_database, run};
use tokio::sync::Notify;

use super::order::assert_in_order;
use crate::support::{Behavior, Fixture, Marks, organization};

/// Records another event, and fails the first time.
#[derive(Default)]
struct Echo(std::sync::atomic::AtomicBool);

#[async_trait]
impl Listener<SampleDeleted> for Echo {
    fn name(&self) -> &'static str {
        "test.echo"
    }

    async fn on(
        &self,
        event: SampleDeleted,
        context: &mut EventContext<OrganizationId>,
    ) -> Result<(), ListenerError> {
        context.work().record(&SampleStatusChanged {
            organization_id: event.organization_id,
            sample_id: event.sample_id,
            status: "archived".to_owned(),
        });
        if self.0.swap(true, std::sync::atomic::Ordering::SeqCst) {
            Ok(())
        } else {
            Err("the first time".into())
        }
    }
}

each_database! {
    async fn two_processes_share_the_work_without_repeating_any(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let (one, two) = (fixture.process().await, fixture.process().await);
        for process in [&one, &two] {
            process.bus.subscribe::<SampleDeleted>(DeliveryMode::Background, Marks::new("test.marks"));
        }
        for n in 1..=10 {
            one.record(organization(n), 20).await;
        }
        let dispatchers = [one.dispatch(), two.dispatch()];
        fixture.until_done("test.marks").await;
        for dispatcher in dispatchers {
            dispatcher.stop(Duration::from_secs(30)).await;
        }
        let marks = fixture.marks("test.marks").await;
        assert_eq!(marks.len(), 200);
        assert_in_order(marks, 20);
    }

    async fn a_worker_overtaken_before_its_first_write_writes_nothing(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let (slow, quick) = (fixture.process().await, fixture.process().await);
        let resume = Arc::new(Notify::new());
        let waits = Marks::always("test.marks", Behavior::WaitsFirst(Arc::clone(&resume)));
        slow.bus.subscribe::<SampleDeleted>(DeliveryMode::Inline, waits.clone());
        quick.bus.subscribe::<SampleDeleted>(DeliveryMode::Inline, Marks::new("test.marks"));
        let recording = async {
            slow.record(organization(1), 1).await;
        };
        let overtaking = async {
            waits.began.notified().await;
            // Its lease expires while it works.
            fixture.later();
            quick.drain().await;
            assert_eq!(fixture.numbers("test.marks").await, [1]);
            resume.notify_one();
        };
        tokio::join!(recording, overtaking);
        assert_eq!(fixture.numbers("test.marks").await, [1], "once");
        assert_eq!(fixture.left().await, 0);
    }

    async fn events_that_a_listener_records_are_published_once_with_its_writes(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let process = fixture.process().await;
        process.bus.subscribe::<SampleDeleted>(DeliveryMode::Inline, Echo::default());
        process.bus.subscribe::<SampleStatusChanged>(DeliveryMode::Inline, Marks::new("test.marks"));
        process.record(organization(1), 1).await;
        let log = "SELECT count(*) AS n FROM event_log";
        assert_eq!(fixture.raw.number(log).await, 1, "its unit of work was rolled back");
        fixture.later();
        process.drain().await;
        assert_eq!(fixture.raw.number(log).await, 2);
        assert_eq!(fixture.numbers("test.marks").await, [2]);
        assert_eq!(fixture.left().await, 0);
    }
}

/// Only on Postgres: on SQLite the other process could not even claim.
#[test]
fn a_worker_skips_a_delivery_that_another_is_about_to_commit() {
    run(Backend::Postgres, async |db| {
        let fixture = Fixture::new(db).await;
        let (slow, quick) = (fixture.process().await, fixture.process().await);
        let resume = Arc::new(Notify::new());
        let waits = Marks::always("test.marks", Behavior::WaitsLast(Arc::clone(&resume)));
        slow.bus
            .subscribe::<SampleDeleted>(DeliveryMode::Inline, waits.clone());
        quick
            .bus
            .subscribe::<SampleDeleted>(DeliveryMode::Inline, Marks::new("test.marks"));
        let recording = async {
            slow.record(organization(1), 1).await;
        };
        let coming = async {
            waits.wrote.notified().await;
            fixture.later();
            let claimed = quick
                .queue
                .claim("test.marks", 4)
                .await
                .expect("it does not wait");
            assert_eq!(claimed, Vec::<Vec<_>>::new());
            resume.notify_one();
        };
        tokio::join!(recording, coming);
        quick.drain().await;
        assert_eq!(fixture.numbers("test.marks").await, [1]);
        assert_eq!(fixture.left().await, 0);
    });
}
