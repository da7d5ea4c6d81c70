//! The delay of a listener: without others, and beside one that always fails and one that hangs.
//!
//! Both are measured at the same time on one database, so that other load on the machine affects
//! both. `TENANTRY_DELAY_SECONDS` sets the duration; a test run is short. The test asserts that no
//! event is missing and that the 99th percentile is less than a second worse; it prints the delays.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use chrono::Utc;
use tenantry_core::{id::OrganizationId, outbox::DeliveryMode};
use tenantry_domain_events::{EventContext, Listener, ListenerError};
use tenantry_testkit::each_database;
use tenantry_testkit::sample_events::SampleDeleted;
use tokio::time::sleep;

use crate::support::{Behavior, Fixture, Marks, organization, process::Process};

/// On each side.
const STREAMS: u128 = 10;

const PAUSE: Duration = Duration::from_millis(100);

const MOVES_LESS_THAN: Duration = Duration::from_secs(1);

/// A listener that measures its delay.
#[derive(Clone)]
struct DelayMeter {
    name: &'static str,
    delays: Arc<Mutex<Vec<Duration>>>,
}

impl DelayMeter {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            delays: Arc::default(),
        }
    }

    /// A percentile of the delays.
    fn percentile(&self, percent: usize) -> Duration {
        let mut delays = self.delays.lock().expect("not poisoned").clone();
        delays.sort();
        delays[(delays.len() * percent / 100).min(delays.len() - 1)]
    }

    fn received(&self) -> usize {
        self.delays.lock().expect("not poisoned").len()
    }
}

#[async_trait]
impl Listener<SampleDeleted> for DelayMeter {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn on(
        &self,
        _: SampleDeleted,
        context: &mut EventContext<OrganizationId>,
    ) -> Result<(), ListenerError> {
        let delay = Utc::now() - context.envelope().occurred_at;
        let delay = delay.to_std().unwrap_or_default();
        self.delays.lock().expect("not poisoned").push(delay);
        Ok(())
    }
}

fn duration() -> Duration {
    let seconds = std::env::var("TENANTRY_DELAY_SECONDS").ok();
    let seconds = seconds.map_or(1, |text| text.parse().expect("a number"));
    Duration::from_secs(seconds)
}

/// Records events in each of these streams repeatedly, and returns their number.
async fn load(process: &Process, first: u128) -> usize {
    let (started, mut events) = (Instant::now(), 0);
    while started.elapsed() < duration() {
        for n in first..first + STREAMS {
            process.record(organization(n), 1).await;
            events += 1;
        }
        sleep(PAUSE).await;
    }
    events
}

each_database! {
    async fn a_failing_and_a_hanging_listener_delay_no_other(db: TestDatabase) {
        let fixture = Fixture::in_real_time(db).await;
        let (quiet_meter, busy_meter) = (DelayMeter::new("test.alone"), DelayMeter::new("test.beside"));
        let quiet = fixture.process().await;
        quiet.bus.subscribe::<SampleDeleted>(DeliveryMode::Background, quiet_meter.clone());
        let busy = fixture.process().await;
        busy.bus.subscribe::<SampleDeleted>(DeliveryMode::Background, busy_meter.clone());
        for (name, behavior) in [("test.fails", Behavior::Fails), ("test.hangs", Behavior::Hangs)] {
            busy.bus.subscribe::<SampleDeleted>(DeliveryMode::Background, Marks::always(name, behavior));
        }
        let dispatchers = (quiet.dispatch(), busy.dispatch());
        let (first, second) = tokio::join!(load(&quiet, 1), load(&busy, 1 + STREAMS));
        fixture.until_done("test.alone").await;
        fixture.until_done("test.beside").await;
        assert_eq!((quiet_meter.received(), busy_meter.received()), (first, second));
        assert!(busy.backlog("test.fails").await.pending > 0);
        assert!(busy.backlog("test.hangs").await.pending > 0);
        drop(dispatchers);
        for (what, meter, events) in [("without others", &quiet_meter, first), ("beside them", &busy_meter, second)] {
            println!(
                "{:?}, {what}: {events} events, half of them received within {:?}, 99 of 100 within \
                 {:?}, all within {:?}",
                fixture.raw.backend(),
                meter.percentile(50),
                meter.percentile(99),
                meter.percentile(100),
            );
        }
        let (one, other) = (quiet_meter.percentile(99), busy_meter.percentile(99));
        println!("{:?}: the 99th percentile moves by {:?}", fixture.raw.backend(), other.abs_diff(one));
        assert!(other.saturating_sub(one) < MOVES_LESS_THAN, "{one:?}, {other:?}");
    }
}
