//! What a broker gets: everything that was committed, in order, however long it was away.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tenantry_core::{access::Actor, outbox::DeliveryMode};
use tenantry_domain_events::events::{projects::ProjectDeleted, users::UserSignedIn};
use tenantry_testkit::{TestDatabase, TestFailpoints, each_database};

use crate::support::{
    Broker, Marks, Stage, organization,
    process::{Process, deleted},
    user,
};

/// More often than any listener is told.
const OFTEN: usize = 40;

/// A process that hands every event on to a broker.
async fn relayed(db: TestDatabase) -> (Stage, Process, Broker) {
    let stage = Stage::set(db).await;
    let process = stage.process().await;
    let broker = Broker::default();
    process.bus.relay(broker.clone());
    (stage, process, broker)
}

each_database! {
    async fn a_relay_gets_every_event_of_every_name_and_nothing_that_was_undone(
        db: TestDatabase
    ) {
        let (stage, process, broker) = relayed(db).await;
        process.bus.subscribe::<ProjectDeleted>(DeliveryMode::Inline, Marks::new("test.marks"));
        process.record(organization(1), 2).await;
        let mut undone = process.database.begin(Actor::system());
        undone.record(&deleted(organization(1)));
        drop(undone);
        process.record_event(&UserSignedIn { user_id: user(7) }, 1).await;
        process.record(organization(1), 1).await;
        assert_eq!(broker.got(), [], "nobody who commits waits for a broker");
        process.drain().await;
        assert_eq!(broker.numbers(organization(1).uuid()), [1, 2, 3]);
        assert_eq!(broker.numbers(user(7).uuid()), [1]);
        let log = stage.raw.query("SELECT id FROM event_log").await;
        assert_eq!(broker.got().len(), log.len());
        assert_eq!(stage.numbers("test.marks").await, [1, 2, 3], "listeners hear as before");
        assert_eq!(stage.left().await, 0);
    }

    async fn a_broker_that_is_away_makes_no_dead_letters_and_gets_all_in_order(
        db: TestDatabase
    ) {
        let (stage, process, broker) = relayed(db).await;
        broker.away.store(true, Ordering::SeqCst);
        process.record(organization(1), 3).await;
        for _ in 0..OFTEN {
            process.drain().await;
            stage.later();
        }
        let backlog = process.backlog("relay.test").await;
        assert_eq!((backlog.pending, backlog.retries, backlog.dead), (3, 1, 0));
        broker.away.store(false, Ordering::SeqCst);
        process.drain().await;
        assert_eq!(broker.numbers(organization(1).uuid()), [1, 2, 3]);
        assert_eq!(stage.left().await, 0);
    }

    async fn a_broker_that_is_back_gets_the_next_attempt_within_half_a_minute(
        db: TestDatabase
    ) {
        let (stage, process, broker) = relayed(db).await;
        broker.away.store(true, Ordering::SeqCst);
        process.record(organization(1), 1).await;
        for _ in 0..OFTEN {
            process.drain().await;
            stage.later();
        }
        process.drain().await;
        broker.away.store(false, Ordering::SeqCst);
        stage.clock.advance(chrono::TimeDelta::seconds(30));
        process.drain().await;
        assert_eq!(broker.got().len(), 1);
    }

    async fn processes_that_end_in_each_attempt_do_not_make_a_relay_give_up(db: TestDatabase) {
        let (stage, process, broker) = relayed(db).await;
        process.record(organization(1), 1).await;
        for _ in 0..OFTEN {
            let claimed = process.queue.claim("relay.test", 1).await.expect("asked");
            assert_eq!(claimed.len(), 1);
            stage.later();
        }
        process.drain().await;
        assert_eq!(broker.numbers(organization(1).uuid()), [1]);
    }

    async fn what_is_not_in_the_log_any_more_is_given_up_at_once_and_holds_nobody_up(
        db: TestDatabase
    ) {
        let (stage, process, broker) = relayed(db).await;
        process.record(organization(1), 2).await;
        stage.raw.execute("DELETE FROM event_log WHERE number = 1").await;
        process.drain().await;
        process.drain().await;
        assert_eq!(broker.numbers(organization(1).uuid()), [2]);
        assert_eq!(process.backlog("relay.test").await.dead, 1);
    }

    async fn what_was_published_when_its_process_ended_comes_again_with_the_same_id(
        db: TestDatabase
    ) {
        let stage = Stage::set(db).await;
        let gates = Arc::new(TestFailpoints::default());
        let (dying, other) = (stage.process_held(Arc::clone(&gates) as _).await, stage.process().await);
        let broker = Broker::default();
        for process in [&dying, &other] {
            process.bus.relay(broker.clone());
        }
        dying.record(organization(1), 2).await;
        let gate = gates.close("relay.published");
        let dispatcher = dying.dispatch();
        gate.reached(1).await;
        drop(dispatcher);
        stage.later();
        other.drain().await;
        assert_eq!(broker.numbers(organization(1).uuid()), [1, 1, 2]);
        let got = broker.got();
        assert_eq!(got[0], got[1]);
        assert_eq!(stage.left().await, 0);
    }

    async fn two_processes_share_a_relay_and_keep_the_order(db: TestDatabase) {
        let stage = Stage::in_real_time(db).await;
        let processes = [stage.process().await, stage.process().await];
        let broker = Broker::default();
        let dispatchers = processes.each_ref().map(|process| {
            process.bus.relay(broker.clone());
            process.dispatch()
        });
        for n in 0..60 {
            processes[n % 2].record(organization(1 + n as u128 % 3), 1).await;
        }
        stage.until_done("relay.test").await;
        for dispatcher in dispatchers {
            dispatcher.stop(Duration::from_secs(30)).await;
        }
        for n in 1..=3 {
            let numbers = broker.numbers(organization(n).uuid());
            assert!(numbers.iter().copied().eq(1..=20), "{n}: {numbers:?}");
        }
    }
}
