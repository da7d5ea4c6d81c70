//! Processes that hand on the events of one database to one broker.

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
use tenantry_domain_events::{
    Dispatcher, DispatcherOptions, EventBus, events::projects::ProjectDeleted,
};
use tenantry_relay_nats::{NatsOptions, NatsRelay};
use tenantry_testkit::{FixedClock, SeededEntropy, TestDatabase, TestFailpoints};

use crate::broker::Broker;

/// One process, in which a test can hold up what it does.
pub(crate) struct Process {
    pub(crate) database: Database,
    pub(crate) queue: DeliveryQueue,
    pub(crate) bus: Arc<EventBus>,
    pub(crate) gates: Arc<TestFailpoints>,
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
        let gates = Arc::new(TestFailpoints::default());
        let runtime = runtime.with_failpoints(Arc::clone(&gates) as _);
        let options = DatabaseOptions {
            url: db.url().to_owned(),
            connections: 6,
            acquire_timeout: Duration::from_secs(30),
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
            gates,
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

    /// How many events are still to be handed on, and how many were given up.
    pub(crate) async fn left(&self) -> (i64, i64) {
        let backlog = self.queue.backlog().await.expect("asked");
        let ours = backlog.iter().find(|it| it.listener == "relay.nats");
        ours.map_or((0, 0), |it| (it.pending, it.dead))
    }
}

/// A clock that stands still for two processes on one database.
pub(crate) fn still() -> (Arc<FixedClock>, Runtime) {
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

pub(crate) fn deleted(n: u128) -> ProjectDeleted {
    ProjectDeleted {
        organization_id: organization(n),
        project_id: Uuid::from_u128(4).into(),
    }
}

/// An event as large as a test wants.
#[derive(Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) organization_id: OrganizationId,
    pub(crate) text: String,
}

impl DomainEvent for Told {
    const NAME: &'static str = "test.told";
    const VERSION: u16 = 1;
    const KIND: EventKind = EventKind::Change;
    type Stream = OrganizationId;

    fn stream(&self) -> OrganizationId {
        self.organization_id
    }
}
