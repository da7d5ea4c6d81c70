//! Each event arrives once, and those of an organization in their order.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use chrono::TimeDelta;
use tenantry_core::{access::Actor, event::Envelope, id::Uuid, runtime::Runtime};
use tenantry_domain_events::{EventBus, events::users::UserSignedIn};
use tenantry_testkit::{TestDatabase, each_database};
use tokio::time::sleep;

use crate::{
    broker::{Broker, FORGETS},
    support::{Process, Told, deleted, options, organization, still},
};

async fn arrived(broker: &Broker) -> Vec<Envelope> {
    let messages = broker.messages().await;
    let envelopes = messages
        .iter()
        .map(|it| serde_json::from_slice(&it.payload));
    envelopes.map(|it| it.expect("an envelope")).collect()
}

async fn numbers(broker: &Broker) -> Vec<i64> {
    let arrived = arrived(broker).await;
    arrived.iter().map(|envelope| envelope.number).collect()
}

/// Nothing is missing, nothing is there twice, and each stream is in its order.
async fn assert_all_arrived(db: &TestDatabase, broker: &Broker) {
    let arrived = arrived(broker).await;
    let recorded = db.number("SELECT count(*) AS n FROM event_log").await;
    let ids: BTreeSet<_> = arrived.iter().map(|it| it.id.to_string()).collect();
    assert_eq!(i64::try_from(ids.len()).expect("few"), recorded);
    let mut streams: BTreeMap<Uuid, Vec<i64>> = BTreeMap::new();
    for envelope in arrived {
        let numbers = streams.entry(envelope.stream_id).or_default();
        numbers.push(envelope.number);
    }
    for (stream, numbers) in streams {
        let each = i64::try_from(numbers.len()).expect("few");
        assert!(
            numbers.iter().copied().eq(1..=each),
            "{stream}: {numbers:?}"
        );
    }
}

each_database! {
    async fn with_two_processes_and_a_broker_that_is_killed_every_event_arrives_once_in_order(
        db: TestDatabase
    ) {
        let mut broker = Broker::start();
        let processes = [
            Arc::new(Process::start(&db, &broker, Runtime::system()).await),
            Arc::new(Process::start(&db, &broker, Runtime::system()).await),
        ];
        let dispatchers = processes.each_ref().map(|process| process.dispatch());
        let writers = processes.each_ref().map(|process| {
            let process = Arc::clone(process);
            tokio::spawn(async move {
                for n in 0..100 {
                    process.record(&deleted(1 + n % 4), 1).await;
                    let told = Told { organization_id: organization(1 + n % 3), text: String::new() };
                    process.record(&told, 1).await;
                    let mut undone = process.database.begin(Actor::system());
                    undone.record(&deleted(1));
                    drop(undone);
                    process.record(&UserSignedIn { user_id: Uuid::from_u128(9).into() }, 1).await;
                }
            })
        });
        while broker.count().await < 50 {
            sleep(Duration::from_millis(10)).await;
        }
        broker.kill();
        for written in futures_util::future::join_all(writers).await {
            written.expect("a broker that is away is no reason not to commit");
        }
        assert!(processes[0].left().await.0 > 0, "it was killed in the middle");
        broker.go_on();
        while processes[0].left().await.0 > 0 {
            sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(processes[0].left().await, (0, 0), "nothing was given up");
        for dispatcher in dispatchers {
            dispatcher.stop(Duration::from_secs(30)).await;
        }
        assert_all_arrived(&db, &broker).await;
        assert_eq!(arrived(&broker).await.len(), 600);
    }

    async fn what_was_published_before_its_process_ended_arrives_once(db: TestDatabase) {
        let broker = Broker::start();
        broker.make_forgetful_stream().await;
        let (clock, runtime) = still();
        let dying = Process::start(&db, &broker, runtime.clone()).await;
        let other = Process::start(&db, &broker, runtime).await;
        dying.record(&deleted(1), 2).await;
        let gate = dying.gates.close("relay.published");
        let dispatcher = dying.dispatch();
        gate.reached(1).await;
        drop(dispatcher);
        assert_eq!(numbers(&broker).await, [1]);
        // The broker has forgotten it by itself; the database comes back after a long while.
        sleep(2 * FORGETS).await;
        clock.advance(TimeDelta::minutes(11));
        other.drain().await;
        assert_eq!(numbers(&broker).await, [1, 2]);
        assert_eq!(other.left().await, (0, 0));
    }

    async fn a_message_that_hung_while_another_process_went_on_is_not_taken(db: TestDatabase) {
        let broker = Broker::start();
        broker.make_forgetful_stream().await;
        let (clock, runtime) = still();
        // Its attempt hangs for longer than its lease, and nobody cuts it off.
        let endless = EventBus::with_deadline(Duration::from_secs(3600));
        let nats = options(&broker.address());
        let slow = Process::with(&db, nats, runtime.clone(), endless).await;
        let other = Process::start(&db, &broker, runtime).await;
        slow.record(&deleted(1), 3).await;
        let gate = slow.gates.close("relay.nats.asked");
        let hanging = async {
            slow.drain().await;
        };
        let going_on = async {
            gate.reached(1).await;
            clock.advance(TimeDelta::minutes(1));
            other.drain().await;
            assert_eq!(numbers(&broker).await, [1, 2, 3]);
            sleep(2 * FORGETS).await;
            gate.open();
        };
        tokio::join!(hanging, going_on);
        assert_eq!(numbers(&broker).await, [1, 2, 3], "once, and in order");
        assert_eq!(other.left().await, (0, 0));
    }

    async fn a_process_that_comes_late_does_not_publish_what_others_went_past(db: TestDatabase) {
        let broker = Broker::start();
        broker.make_forgetful_stream().await;
        let (clock, runtime) = still();
        let slow = Process::start(&db, &broker, runtime.clone()).await;
        let other = Process::start(&db, &broker, runtime).await;
        slow.record(&deleted(1), 3).await;
        // It was given all three, and stood still since.
        let claimed = slow.queue.claim("relay.nats", 1).await.expect("asked");
        let envelopes = slow.queue.read(&claimed[0]).await.expect("read");
        clock.advance(TimeDelta::minutes(1));
        other.drain().await;
        sleep(2 * FORGETS).await;
        let relay = tenantry_relay_nats::NatsRelay::new(
            options(&broker.address()),
            Runtime::system(),
        );
        for envelope in envelopes.into_iter().flatten() {
            let late = tenantry_domain_events::EventRelay::publish(&relay, &envelope).await;
            let is_last = envelope.number == 3;
            assert_eq!(late.is_ok(), is_last, "{late:?}");
        }
        assert_eq!(numbers(&broker).await, [1, 2, 3]);
    }
}
