//! Several processes on one database in one test. Each has its own connections and bus.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::TimeDelta;
use tenantry_core::{
    access::{Actor, ContextIssuer},
    db::{CursorKey, Database, DatabaseOptions},
    event::{DomainEvent, Envelope},
    id::{OrganizationId, Uuid},
    outbox::{Backlog, DeliveryQueue, Publisher, Subscription},
    runtime::{Failpoints, Runtime},
};
use tenantry_domain_events::{Dispatcher, DispatcherOptions, EventBus};
use tenantry_testkit::sample_events::SampleDeleted;
use tenantry_testkit::{FixedClock, SeededEntropy, TestDatabase};
use tokio::time::sleep;

use super::{Mark, table};

/// A database, and the clock that its processes share.
pub(crate) struct Fixture {
    pub(crate) raw: TestDatabase,
    pub(crate) clock: Arc<FixedClock>,
    runtime: Runtime,
}

/// One process: its connections and its listeners.
pub(crate) struct Process {
    pub(crate) database: Database,
    pub(crate) queue: DeliveryQueue,
    pub(crate) issuer: ContextIssuer,
    pub(crate) bus: Arc<EventBus>,
}

/// Stores deliveries and never publishes: a process that dies right after its commits.
struct DiesAfterCommit(Arc<EventBus>);

#[async_trait]
impl Publisher for DiesAfterCommit {
    fn subscriptions(&self, event: &str) -> Vec<Subscription> {
        self.0.subscriptions(event)
    }

    async fn publish(&self, _: &DeliveryQueue, _: Vec<Envelope>) {}
}

impl Fixture {
    pub(crate) async fn new(raw: TestDatabase) -> Self {
        table::create(&raw).await;
        let clock = Arc::new(FixedClock::default());
        let entropy = Arc::new(SeededEntropy::default());
        let runtime = Runtime::new(Arc::clone(&clock) as _, entropy);
        Self {
            raw,
            clock,
            runtime,
        }
    }

    /// As [`new`](Self::new), with the system's clock.
    pub(crate) async fn in_real_time(raw: TestDatabase) -> Self {
        Self {
            runtime: Runtime::system(),
            ..Self::new(raw).await
        }
    }

    /// A process with this time limit for an attempt.
    pub(crate) async fn process_with(&self, deadline: Duration) -> Process {
        let bus = EventBus::with_deadline(deadline);
        let publisher = Arc::clone(&bus) as _;
        self.open(bus, publisher, self.runtime.clone()).await
    }

    pub(crate) async fn process(&self) -> Process {
        self.process_with(Duration::from_secs(5)).await
    }

    /// A process with failpoints.
    pub(crate) async fn process_with_failpoints(&self, failpoints: Arc<dyn Failpoints>) -> Process {
        let bus = EventBus::new();
        let publisher = Arc::clone(&bus) as _;
        let runtime = self.runtime.clone().with_failpoints(failpoints);
        self.open(bus, publisher, runtime).await
    }

    /// A process that dies right after each commit.
    pub(crate) async fn dying(&self) -> Process {
        let bus = EventBus::new();
        let publisher = Arc::new(DiesAfterCommit(Arc::clone(&bus)));
        self.open(bus, publisher, self.runtime.clone()).await
    }

    async fn open(
        &self,
        bus: Arc<EventBus>,
        publisher: Arc<dyn Publisher>,
        runtime: Runtime,
    ) -> Process {
        Process::open(self.raw.url(), bus, publisher, runtime).await
    }

    /// Advances the clock beyond every lease and backoff.
    pub(crate) fn later(&self) {
        self.clock.advance(TimeDelta::minutes(11));
    }

    /// The marks of a listener, in the order of insertion.
    pub(crate) async fn marks(&self, listener: &str) -> Vec<Mark> {
        table::marks(&self.raw, listener).await
    }

    /// The event numbers of a listener's marks.
    pub(crate) async fn numbers(&self, listener: &str) -> Vec<i64> {
        let marks = self.marks(listener).await;
        marks.into_iter().map(|mark| mark.number).collect()
    }

    /// How many deliveries are stored, dead letters included.
    pub(crate) async fn left(&self) -> i64 {
        let count = "SELECT count(*) AS n FROM event_deliveries";
        self.raw.number(count).await
    }

    /// Waits until this listener has only dead letters left.
    pub(crate) async fn until_done(&self, listener: &str) {
        let left = format!(
            "SELECT count(*) AS n FROM event_deliveries
             WHERE listener = '{listener}' AND dead_at IS NULL"
        );
        while self.raw.number(&left).await > 0 {
            sleep(Duration::from_millis(20)).await;
        }
    }
}

/// An event of an organization.
pub(crate) fn deleted(organization_id: OrganizationId) -> SampleDeleted {
    SampleDeleted {
        organization_id,
        sample_id: Uuid::from_u128(4).into(),
    }
}

impl Process {
    pub(super) async fn open(
        url: &str,
        bus: Arc<EventBus>,
        publisher: Arc<dyn Publisher>,
        runtime: Runtime,
    ) -> Self {
        let options = DatabaseOptions {
            url: url.to_owned(),
            connections: 12,
            acquire_timeout: Duration::from_secs(30),
            waits: tenantry_testkit::LONG_WAITS,
            cursor_key: CursorKey::derive(b"a key for tests"),
        };
        let opened = Database::open(options, runtime, publisher).await;
        let opened = opened.expect("the test database opens");
        Self {
            database: opened.database,
            queue: opened.queue,
            issuer: opened.issuer,
            bus,
        }
    }

    /// Records this many events of an organization in one unit of work.
    pub(crate) async fn record(&self, organization: OrganizationId, events: usize) {
        self.record_event(&deleted(organization), events).await;
    }

    pub(crate) async fn record_event<E: DomainEvent>(&self, event: &E, times: usize) {
        let mut work = self.database.begin(Actor::system());
        for _ in 0..times {
            work.record(event);
        }
        work.commit().await.expect("committed");
    }

    /// Processes everything that is due.
    pub(crate) async fn drain(&self) {
        Dispatcher::drain(&self.bus, &self.queue).await;
    }

    /// Starts a dispatcher.
    pub(crate) fn dispatch(&self) -> Dispatcher {
        let options = DispatcherOptions {
            poll: Duration::from_millis(50),
            streams: 4,
        };
        Dispatcher::start(&self.bus, &self.queue, options)
    }

    pub(crate) async fn backlog(&self, listener: &str) -> Backlog {
        let backlog = self.queue.backlog().await.expect("queried");
        let found = backlog.into_iter().find(|it| it.listener == listener);
        found.unwrap_or_else(|| Backlog::none(listener))
    }
}
