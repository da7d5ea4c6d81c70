//! A broker receives every committed event, in order, however long it was unavailable.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tenantry_core::{access::Actor, outbox::DeliveryMode};
use tenantry_domain_events::events::users::UserSignedIn;
use tenantry_testkit::sample_events::SampleDeleted;
use tenantry_testkit::{TestDatabase, TestFailpoints, each_database};

use crate::support::{
    Broker, Fixture, Marks, organization,
    process::{Process, deleted},
    user,
};

/// More than the maximum number of attempts of a listener.
const MORE_THAN_ALL_ATTEMPTS: usize = 40;

/// A process with a relay to a broker.
async fn with_relay(db: TestDatabase) -> (Fixture, Process, Broker) {
    let fixture = Fixture::new(db).await;
    let process = fixture.process().await;
    let broker = Broker::default();
    process.bus.relay(broker.clone());
    (fixture, process, broker)
}

each_database! {
    async fn a_relay_receives_every_committed_event_and_no_rolled_back_one(
        db: TestDatabase
    ) {
        let (fixture, process, broker) = with_relay(db).await;
        process.bus.subscribe::<SampleDeleted>(DeliveryMode::Inline, Marks::new("test.marks"));
        process.record(organization(1), 2).await;
        let mut rolled_back = process.database.begin(Actor::system());
        rolled_back.record(&deleted(organization(1)));
        drop(rolled_back);
        process.record_event(&UserSignedIn { user_id: user(7) }, 1).await;
        process.record(organization(1), 1).await;
        assert_eq!(broker.received(), [], "a commit does not wait for a broker");
        process.drain().await;
        assert_eq!(broker.numbers(organization(1).uuid()), [1, 2, 3]);
        assert_eq!(broker.numbers(user(7).uuid()), [1]);
        let log = fixture.raw.query("SELECT id FROM event_log").await;
        assert_eq!(broker.received().len(), log.len());
        assert_eq!(fixture.numbers("test.marks").await, [1, 2, 3], "listeners are not affected");
        assert_eq!(fixture.left().await, 0);
    }

    async fn an_unavailable_broker_causes_no_dead_letters_and_later_receives_all_in_order(
        db: TestDatabase
    ) {
        let (fixture, process, broker) = with_relay(db).await;
        broker.is_down.store(true, Ordering::SeqCst);
        process.record(organization(1), 3).await;
        for _ in 0..MORE_THAN_ALL_ATTEMPTS {
            process.drain().await;
            fixture.later();
        }
        let backlog = process.backlog("relay.test").await;
        assert_eq!((backlog.pending, backlog.retries, backlog.dead), (3, 1, 0));
        broker.is_down.store(false, Ordering::SeqCst);
        process.drain().await;
        assert_eq!(broker.numbers(organization(1).uuid()), [1, 2, 3]);
        assert_eq!(fixture.left().await, 0);
    }

    async fn a_recovered_broker_gets_the_next_attempt_within_half_a_minute(
        db: TestDatabase
    ) {
        let (fixture, process, broker) = with_relay(db).await;
        broker.is_down.store(true, Ordering::SeqCst);
        process.record(organization(1), 1).await;
        for _ in 0..MORE_THAN_ALL_ATTEMPTS {
            process.drain().await;
            fixture.later();
        }
        process.drain().await;
        broker.is_down.store(false, Ordering::SeqCst);
        fixture.clock.advance(chrono::TimeDelta::seconds(30));
        process.drain().await;
        assert_eq!(broker.received().len(), 1);
    }

    async fn crashes_do_not_exhaust_a_relay(db: TestDatabase) {
        let (fixture, process, broker) = with_relay(db).await;
        process.record(organization(1), 1).await;
        for _ in 0..MORE_THAN_ALL_ATTEMPTS {
            let claimed = process.queue.claim("relay.test", 1).await.expect("queried");
            assert_eq!(claimed.len(), 1);
            fixture.later();
        }
        process.drain().await;
        assert_eq!(broker.numbers(organization(1).uuid()), [1]);
    }

    async fn an_event_missing_from_the_log_is_dead_lettered_immediately_and_blocks_no_other(
        db: TestDatabase
    ) {
        let (fixture, process, broker) = with_relay(db).await;
        process.record(organization(1), 2).await;
        fixture.raw.execute("DELETE FROM event_log WHERE number = 1").await;
        process.drain().await;
        process.drain().await;
        assert_eq!(broker.numbers(organization(1).uuid()), [2]);
        assert_eq!(process.backlog("relay.test").await.dead, 1);
    }

    async fn an_event_published_by_a_process_that_died_is_repeated_with_the_same_id(
        db: TestDatabase
    ) {
        let fixture = Fixture::new(db).await;
        let failpoints = Arc::new(TestFailpoints::default());
        let (dying, other) = (fixture.process_with_failpoints(Arc::clone(&failpoints) as _).await, fixture.process().await);
        let broker = Broker::default();
        for process in [&dying, &other] {
            process.bus.relay(broker.clone());
        }
        dying.record(organization(1), 2).await;
        let failpoint = failpoints.close("relay.published");
        let dispatcher = dying.dispatch();
        failpoint.reached(1).await;
        drop(dispatcher);
        fixture.later();
        other.drain().await;
        assert_eq!(broker.numbers(organization(1).uuid()), [1, 1, 2]);
        let received = broker.received();
        assert_eq!(received[0], received[1]);
        assert_eq!(fixture.left().await, 0);
    }

    async fn two_processes_share_a_relay_in_order(db: TestDatabase) {
        let fixture = Fixture::in_real_time(db).await;
        let processes = [fixture.process().await, fixture.process().await];
        let broker = Broker::default();
        let dispatchers = processes.each_ref().map(|process| {
            process.bus.relay(broker.clone());
            process.dispatch()
        });
        for n in 0..60 {
            processes[n % 2].record(organization(1 + n as u128 % 3), 1).await;
        }
        fixture.until_done("relay.test").await;
        for dispatcher in dispatchers {
            dispatcher.stop(Duration::from_secs(30)).await;
        }
        for n in 1..=3 {
            let numbers = broker.numbers(organization(n).uuid());
            assert!(numbers.iter().copied().eq(1..=20), "{n}: {numbers:?}");
        }
    }
}
