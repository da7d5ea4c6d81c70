//! Each event arrives once, and the events of an organization in order.

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
    broker::{Broker, DUPLICATE_WINDOW},
    support::{Process, SizedEvent, fixed_clock, options, organization, sample_deleted},
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

/// Each stream is complete, without repetitions and in order.
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
    async fn every_event_arrives_once_in_order_from_two_processes_and_a_killed_broker(
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
                    process.record(&sample_deleted(1 + n % 4), 1).await;
                    let event = SizedEvent { organization_id: organization(1 + n % 3), text: String::new() };
                    process.record(&event, 1).await;
                    let mut rolled_back = process.database.begin(Actor::system());
                    rolled_back.record(&sample_deleted(1));
                    drop(rolled_back);
                    process.record(&UserSignedIn { user_id: Uuid::from_u128(9).into() }, 1).await;
                }
            })
        });
        while broker.count().await < 50 {
            sleep(Duration::from_millis(10)).await;
        }
        broker.kill();
        for written in futures_util::future::join_all(writers).await {
            written.expect("an unavailable broker does not prevent commits");
        }
        assert!(processes[0].left().await.0 > 0, "it was killed with events pending");
        broker.restart();
        while processes[0].left().await.0 > 0 {
            sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(processes[0].left().await, (0, 0), "no dead letters");
        for dispatcher in dispatchers {
            dispatcher.stop(Duration::from_secs(30)).await;
        }
        assert_all_arrived(&db, &broker).await;
        assert_eq!(arrived(&broker).await.len(), 600);
    }

    async fn an_event_published_by_a_process_that_died_arrives_once(db: TestDatabase) {
        let broker = Broker::start();
        broker.create_stream_with_short_window().await;
        let (clock, runtime) = fixed_clock();
        let dying = Process::start(&db, &broker, runtime.clone()).await;
        let other = Process::start(&db, &broker, runtime).await;
        dying.record(&sample_deleted(1), 2).await;
        let failpoint = dying.failpoints.close("relay.published");
        let dispatcher = dying.dispatch();
        failpoint.reached(1).await;
        drop(dispatcher);
        assert_eq!(numbers(&broker).await, [1]);
        // The deduplication window has passed, and the lease has expired.
        sleep(2 * DUPLICATE_WINDOW).await;
        clock.advance(TimeDelta::minutes(11));
        other.drain().await;
        assert_eq!(numbers(&broker).await, [1, 2]);
        assert_eq!(other.left().await, (0, 0));
    }

    async fn a_delayed_message_is_rejected_after_another_process_continued_the_stream(db: TestDatabase) {
        let broker = Broker::start();
        broker.create_stream_with_short_window().await;
        let (clock, runtime) = fixed_clock();
        // Its attempt hangs beyond its lease without a timeout.
        let endless = EventBus::with_deadline(Duration::from_secs(3600));
        let nats = options(&broker.address());
        let slow = Process::with(&db, nats, runtime.clone(), endless).await;
        let other = Process::start(&db, &broker, runtime).await;
        slow.record(&sample_deleted(1), 3).await;
        let failpoint = slow.failpoints.close("relay.nats.checked");
        let hanging = async {
            slow.drain().await;
        };
        let continuing = async {
            failpoint.reached(1).await;
            clock.advance(TimeDelta::minutes(1));
            other.drain().await;
            assert_eq!(numbers(&broker).await, [1, 2, 3]);
            sleep(2 * DUPLICATE_WINDOW).await;
            failpoint.open();
        };
        tokio::join!(hanging, continuing);
        assert_eq!(numbers(&broker).await, [1, 2, 3], "once and in order");
        assert_eq!(other.left().await, (0, 0));
    }

    async fn a_late_process_does_not_publish_events_behind_the_head_of_the_stream(db: TestDatabase) {
        let broker = Broker::start();
        broker.create_stream_with_short_window().await;
        let (clock, runtime) = fixed_clock();
        let slow = Process::start(&db, &broker, runtime.clone()).await;
        let other = Process::start(&db, &broker, runtime).await;
        slow.record(&sample_deleted(1), 3).await;
        // It claimed all three and then stalled.
        let claimed = slow.queue.claim("relay.nats", 1).await.expect("queried");
        let envelopes = slow.queue.read(&claimed[0]).await.expect("read");
        clock.advance(TimeDelta::minutes(1));
        other.drain().await;
        sleep(2 * DUPLICATE_WINDOW).await;
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
