//! Pruning deletes what is past its retention, and nothing else.

use std::time::Duration;

use chrono::TimeDelta;
use tenantry_core::outbox::DeliveryMode;
use tenantry_domain_events::{Pruned, Retention, events::users::UserSignedIn};
use tenantry_testkit::each_database;
use tenantry_testkit::sample_events::SampleDeleted;

use crate::support::{Behavior, Fixture, Marks, NONE, organization, user};

const DAY: Duration = Duration::from_secs(24 * 3600);

const CHANGES: Retention = Retention {
    changes: Some(DAY),
    access: None,
    dead: None,
};

const ACCESS: Retention = Retention {
    changes: None,
    access: Some(DAY),
    dead: None,
};

impl Fixture {
    fn days(&self, days: i64) {
        self.clock.advance(TimeDelta::days(days));
    }

    async fn logged(&self) -> i64 {
        self.raw.number("SELECT count(*) AS n FROM event_log").await
    }
}

each_database! {
    async fn each_kind_is_pruned_by_its_own_retention(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let process = fixture.process().await;
        let record_all = async || {
            process.record(organization(1), 2).await;
            process.record(organization(2), 1).await;
            process.record_event(&UserSignedIn { user_id: user(7) }, 1).await;
        };
        record_all().await;
        fixture.days(10);
        record_all().await;
        let prune = async |retention: Retention| retention.prune(&process.queue).await.expect("pruned");
        assert!(prune(Retention::default()).await.is_nothing());
        assert_eq!(prune(ACCESS).await, Pruned { access: 1, ..Pruned::default() });
        assert_eq!(fixture.logged().await, 7);
        assert_eq!(prune(CHANGES).await, Pruned { changes: 3, ..Pruned::default() });
        assert_eq!(fixture.logged().await, 4, "recent events stay");
        assert!(prune(CHANGES).await.is_nothing());

        // Numbers are not reused.
        process.record(organization(2), 1).await;
        let last = "SELECT max(number) AS n FROM event_log WHERE organization_id IS NOT NULL";
        assert_eq!(fixture.raw.number(last).await, 4);
        let counted = "SELECT CAST(sum(last_number) AS bigint) AS n FROM event_streams";
        assert_eq!(fixture.raw.number(counted).await, 9);
    }

    async fn an_event_with_pending_deliveries_is_kept(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let process = fixture.process().await;
        process.bus.subscribe::<SampleDeleted>(DeliveryMode::Background, Marks::new("test.marks"));
        process.record(organization(1), 2).await;
        fixture.days(10);
        assert!(CHANGES.prune(&process.queue).await.expect("pruned").is_nothing());
        process.drain().await;
        assert_eq!(fixture.numbers("test.marks").await, [1, 2]);
        assert_eq!(CHANGES.prune(&process.queue).await.expect("pruned").changes, 2);
    }

    async fn a_dead_letter_keeps_its_event_until_it_is_pruned_itself(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let process = fixture.process().await;
        let marks = Marks::always("test.marks", Behavior::Fails);
        process.bus.subscribe::<SampleDeleted>(DeliveryMode::Background, marks);
        process.record(organization(1), 1).await;
        for _ in 0..20 {
            process.drain().await;
            fixture.later();
        }
        assert_eq!(process.backlog("test.marks").await.dead, 1);
        fixture.days(3);
        assert!(CHANGES.prune(&process.queue).await.expect("pruned").is_nothing());
        let young = Retention { dead: Some(5 * DAY), ..CHANGES };
        assert!(young.prune(&process.queue).await.expect("pruned").is_nothing());
        let both = Retention { dead: Some(2 * DAY), ..CHANGES };
        let pruned = both.prune(&process.queue).await.expect("pruned");
        assert_eq!(pruned, Pruned { changes: 1, access: 0, dead: 1 });
        assert_eq!((fixture.logged().await, fixture.left().await), (0, 0));
        assert_eq!(fixture.numbers("test.marks").await, NONE);
    }

    async fn pending_deliveries_are_never_pruned_as_dead_letters(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let process = fixture.process().await;
        process.bus.subscribe::<SampleDeleted>(DeliveryMode::Background, Marks::new("test.marks"));
        process.record(organization(1), 2).await;
        fixture.days(100);
        let dead = Retention { dead: Some(DAY), ..Retention::default() };
        assert!(dead.prune(&process.queue).await.expect("pruned").is_nothing());
        assert_eq!(fixture.left().await, 2);
    }

    async fn several_processes_prune_more_than_one_batch_together(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let (one, other) = (fixture.process().await, fixture.process().await);
        for _ in 0..5 {
            one.record(organization(1), 500).await;
        }
        fixture.days(10);
        let (first, second) = tokio::join!(CHANGES.prune(&one.queue), CHANGES.prune(&other.queue));
        assert_eq!(first.expect("pruned").changes + second.expect("pruned").changes, 2_500);
        assert_eq!(fixture.logged().await, 0);
    }
}
