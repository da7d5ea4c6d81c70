//! How late a listener hears: alone, and beside one that always fails and one that never ends.
//!
//! Both at the same time on one database, so that whatever else the machine does is done to both.
//! `TENANTRY_DELAY_SECONDS` says for how long; a test run has time for a moment. What is held is
//! that nothing is left out, and that 99 of 100 are not a second later beside them; how late it was
//! is printed.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use chrono::Utc;
use tenantry_core::{id::OrganizationId, outbox::DeliveryMode};
use tenantry_domain_events::{
    EventContext, Listener, ListenerError, events::projects::ProjectDeleted,
};
use tenantry_testkit::each_database;
use tokio::time::sleep;

use crate::support::{Manner, Marks, Stage, organization, process::Process};

/// On each side.
const STREAMS: u128 = 10;

const PAUSE: Duration = Duration::from_millis(100);

const MOVES_LESS_THAN: Duration = Duration::from_secs(1);

/// A listener that notes how late it hears.
#[derive(Clone)]
struct Late {
    name: &'static str,
    delays: Arc<Mutex<Vec<Duration>>>,
}

impl Late {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            delays: Arc::default(),
        }
    }

    /// The delay that so many of a hundred stay below.
    fn percentile(&self, percent: usize) -> Duration {
        let mut delays = self.delays.lock().expect("not poisoned").clone();
        delays.sort();
        delays[(delays.len() * percent / 100).min(delays.len() - 1)]
    }

    fn heard(&self) -> usize {
        self.delays.lock().expect("not poisoned").len()
    }
}

#[async_trait]
impl Listener<ProjectDeleted> for Late {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn on(
        &self,
        _: ProjectDeleted,
        handling: &mut EventContext<OrganizationId>,
    ) -> Result<(), ListenerError> {
        let delay = Utc::now() - handling.envelope().occurred_at;
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

/// Records an event in each of these streams, again and again; how many they were.
async fn load(process: &Process, first: u128) -> usize {
    let (begun, mut events) = (Instant::now(), 0);
    while begun.elapsed() < duration() {
        for n in first..first + STREAMS {
            process.record(organization(n), 1).await;
            events += 1;
        }
        sleep(PAUSE).await;
    }
    events
}

each_database! {
    async fn a_listener_hears_all_beside_one_that_fails_and_one_that_never_ends(db: TestDatabase) {
        let stage = Stage::in_real_time(db).await;
        let (alone, beside) = (Late::new("test.alone"), Late::new("test.beside"));
        let quiet = stage.process().await;
        quiet.bus.subscribe::<ProjectDeleted>(DeliveryMode::Background, alone.clone());
        let busy = stage.process().await;
        busy.bus.subscribe::<ProjectDeleted>(DeliveryMode::Background, beside.clone());
        for (name, manner) in [("test.fails", Manner::Fails), ("test.hangs", Manner::Hangs)] {
            busy.bus.subscribe::<ProjectDeleted>(DeliveryMode::Background, Marks::always(name, manner));
        }
        let dispatchers = (quiet.dispatch(), busy.dispatch());
        let (first, second) = tokio::join!(load(&quiet, 1), load(&busy, 1 + STREAMS));
        stage.until_done("test.alone").await;
        stage.until_done("test.beside").await;
        assert_eq!((alone.heard(), beside.heard()), (first, second));
        assert!(busy.backlog("test.fails").await.pending > 0);
        assert!(busy.backlog("test.hangs").await.pending > 0);
        drop(dispatchers);
        for (what, late, events) in [("alone", &alone, first), ("beside them", &beside, second)] {
            println!(
                "{:?}, {what}: {events} events, half of them heard within {:?}, 99 of 100 within \
                 {:?}, all within {:?}",
                stage.raw.backend(),
                late.percentile(50),
                late.percentile(99),
                late.percentile(100),
            );
        }
        let (one, other) = (alone.percentile(99), beside.percentile(99));
        println!("{:?}: the 99th percentile moves by {:?}", stage.raw.backend(), other.abs_diff(one));
        assert!(other.saturating_sub(one) < MOVES_LESS_THAN, "{one:?}, {other:?}");
    }
}
