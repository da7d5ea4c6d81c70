//! What a listener writes through its handling happens once.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tenantry_core::{id::OrganizationId, outbox::DeliveryMode};
use tenantry_domain_events::{
    EventContext, Listener, ListenerError,
    events::projects::{ProjectDeleted, ProjectStatusChanged},
};
use tenantry_testkit::{Backend, each_database, run};
use tokio::sync::Notify;

use super::order::assert_in_order;
use crate::support::{Manner, Marks, Stage, organization};

/// Records another event, and fails the first time.
#[derive(Default)]
struct Echo(std::sync::atomic::AtomicBool);

#[async_trait]
impl Listener<ProjectDeleted> for Echo {
    fn name(&self) -> &'static str {
        "test.echo"
    }

    async fn on(
        &self,
        event: ProjectDeleted,
        handling: &mut EventContext<OrganizationId>,
    ) -> Result<(), ListenerError> {
        handling.work().record(&ProjectStatusChanged {
            organization_id: event.organization_id,
            project_id: event.project_id,
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
    async fn two_processes_share_the_work_and_double_nothing(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let (one, two) = (stage.process().await, stage.process().await);
        for process in [&one, &two] {
            process.bus.subscribe::<ProjectDeleted>(DeliveryMode::Background, Marks::new("test.marks"));
        }
        for n in 1..=10 {
            one.record(organization(n), 20).await;
        }
        let dispatchers = [one.dispatch(), two.dispatch()];
        stage.until_done("test.marks").await;
        for dispatcher in dispatchers {
            dispatcher.stop(Duration::from_secs(30)).await;
        }
        let marks = stage.marks("test.marks").await;
        assert_eq!(marks.len(), 200);
        assert_in_order(marks, 20);
    }

    async fn whoever_is_overtaken_before_he_wrote_writes_nothing(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let (slow, quick) = (stage.process().await, stage.process().await);
        let go_on = Arc::new(Notify::new());
        let waits = Marks::always("test.marks", Manner::WaitsFirst(Arc::clone(&go_on)));
        slow.bus.subscribe::<ProjectDeleted>(DeliveryMode::Inline, waits.clone());
        quick.bus.subscribe::<ProjectDeleted>(DeliveryMode::Inline, Marks::new("test.marks"));
        let recording = async {
            slow.record(organization(1), 1).await;
        };
        let overtaking = async {
            waits.began.notified().await;
            // Its lease runs out while it is at work.
            stage.later();
            quick.drain().await;
            assert_eq!(stage.numbers("test.marks").await, [1]);
            go_on.notify_one();
        };
        tokio::join!(recording, overtaking);
        assert_eq!(stage.numbers("test.marks").await, [1], "once");
        assert_eq!(stage.left().await, 0);
    }

    async fn events_that_a_listener_records_are_told_with_its_effect_and_once(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let process = stage.process().await;
        process.bus.subscribe::<ProjectDeleted>(DeliveryMode::Inline, Echo::default());
        process.bus.subscribe::<ProjectStatusChanged>(DeliveryMode::Inline, Marks::new("test.marks"));
        process.record(organization(1), 1).await;
        let log = "SELECT count(*) AS n FROM event_log";
        assert_eq!(stage.raw.number(log).await, 1, "its unit of work was undone");
        stage.later();
        process.drain().await;
        assert_eq!(stage.raw.number(log).await, 2);
        assert_eq!(stage.numbers("test.marks").await, [2]);
        assert_eq!(stage.left().await, 0);
    }
}

/// On SQLite the other one could not even look for something to do.
#[test]
fn whoever_comes_while_another_is_about_to_commit_leaves_it_to_him() {
    run(Backend::Postgres, async |db| {
        let stage = Stage::set(db).await;
        let (slow, quick) = (stage.process().await, stage.process().await);
        let go_on = Arc::new(Notify::new());
        let waits = Marks::always("test.marks", Manner::WaitsLast(Arc::clone(&go_on)));
        slow.bus
            .subscribe::<ProjectDeleted>(DeliveryMode::Inline, waits.clone());
        quick
            .bus
            .subscribe::<ProjectDeleted>(DeliveryMode::Inline, Marks::new("test.marks"));
        let recording = async {
            slow.record(organization(1), 1).await;
        };
        let coming = async {
            waits.wrote.notified().await;
            stage.later();
            let claimed = quick
                .queue
                .claim("test.marks", 4)
                .await
                .expect("it does not wait");
            assert_eq!(claimed, Vec::<Vec<_>>::new());
            go_on.notify_one();
        };
        tokio::join!(recording, coming);
        quick.drain().await;
        assert_eq!(stage.numbers("test.marks").await, [1]);
        assert_eq!(stage.left().await, 0);
    });
}
