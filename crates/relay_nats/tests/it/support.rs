//! Processes that relay the events of one database to one broker.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use tenantry_core::{
    access::Actor,
    db::{CursorKey, Database, DatabaseOptions},
    event::{DomainEvent, EventKind},
    id::{OrganizationId, Uuid},
    outbox::{DeliveryQueue, Publisher},
    runtime::Runtime,
};
use tenantry_domain_events::{Dispatcher, DispatcherOptions, EventBus};
use tenantry_relay_nats::{NatsOptions, NatsRelay};
use tenantry_testkit::sample_events::SampleDeleted;
use tenantry_testkit::{FixedClock, SeededEntropy, TestDatabase, TestFailpoints};

use crate::broker::Broker;

/// One process, with failpoints.
pub(crate) struct Process {
    pub(crate) database: Database,
    pub(crate) queue: DeliveryQueue,
    pub(crate) bus: Arc<EventBus>,
    pub(crate) failpoints: Arc<TestFailpoints>,
}

impl Process {
    pub(crate) async fn start(db: &TestDatabase, broker: &Broker, runtime: Runtime) -> Self {
        Self::with(db, options(&broker.address()), runtime, EventBus::new()).await
    }

    pub(crate) async fn with(
        db: &TestDatabase,
        nats: NatsOptions,
        runtime: Runtime,
        bus: Arc<EventBus>,
    ) -> Self {
        let failpoints = Arc::new(TestFailpoints::default());
        let runtime = runtime.with_failpoints(Arc::clone(&failpoints) as _);
        let options = DatabaseOptions {
            url: db.url().to_owned(),
            connections: 12,
            acquire_timeout: Duration::from_secs(30),
            waits: tenantry_testkit::LONG_WAITS,
            cursor_key: CursorKey::derive(b"a key for tests"),
        };
        let publisher = Arc::clone(&bus) as Arc<dyn Publisher>;
        let opened = Database::open(options, runtime.clone(), publisher).await;
        let opened = opened.expect("the test database opens");
        bus.relay(NatsRelay::new(nats, runtime));
        Self {
            database: opened.database,
            queue: opened.queue,
            bus,
            failpoints,
        }
    }

    pub(crate) async fn record<E: DomainEvent>(&self, event: &E, times: usize) {
        let mut work = self.database.begin(Actor::system());
        for _ in 0..times {
            work.record(event);
        }
        work.commit().await.expect("committed");
    }

    pub(crate) async fn drain(&self) {
        Dispatcher::drain(&self.bus, &self.queue).await;
    }

    pub(crate) fn dispatch(&self) -> Dispatcher {
        let options = DispatcherOptions {
            poll: Duration::from_millis(50),
            streams: 4,
        };
        Dispatcher::start(&self.bus, &self.queue, options)
    }

    /// The numbers of pending deliveries and of dead letters.
    pub(crate) async fn left(&self) -> (i64, i64) {
        let backlog = self.queue.backlog().await.expect("queried");
        let ours = backlog.iter().find(|it| it.listener == "relay.nats");
        ours.map_or((0, 0), |it| (it.pending, it.dead))
    }
}

/// A fixed clock shared by two processes on one database.
pub(crate) fn fixed_clock() -> (Arc<FixedClock>, Runtime) {
    let clock = Arc::new(FixedClock::default());
    let entropy = Arc::new(SeededEntropy::default());
    (Arc::clone(&clock), Runtime::new(clock, entropy))
}

pub(crate) fn options(address: &str) -> NatsOptions {
    NatsOptions {
        servers: format!("nats://{address}").parse().expect("an address"),
        stream: "EVENTS".parse().expect("a name"),
        prefix: "test".parse().expect("a prefix"),
    }
}

pub(crate) fn organization(n: u128) -> OrganizationId {
    Uuid::from_u128(n).into()
}

pub(crate) fn sample_deleted(n: u128) -> SampleDeleted {
    SampleDeleted {
        organization_id: organization(n),
        sample_id: Uuid::from_u128(4).into(),
    }
}

/// An event of a chosen size.
#[derive(Serialize, Deserialize, schemars::JsonSchema)]
pub(crate) struct SizedEvent {
    pub(crate) organization_id: OrganizationId,
    pub(crate) text: String,
}

impl DomainEvent for SizedEvent {
    const NAME: &'static str = "test.sized";
    const VERSION: u16 = 1;
    const KIND: EventKind = EventKind::Change;
    type Stream = OrganizationId;

    fn stream(&self) -> OrganizationId {
        self.organization_id
    }
}
