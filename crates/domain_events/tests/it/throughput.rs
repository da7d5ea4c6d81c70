//! Many writers and several operating system processes: no event is lost, repeated or out of order.
//!
//! `TENANTRY_EVENTS` sets the number of events; a test run uses few. Figures are meaningful only in
//! a release build.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use tenantry_core::{
    access::{Actor, Grant, Role},
    db::{Database, DbError},
    id::OrganizationId,
    orm::Set,
    outbox::DeliveryMode,
};
use tenantry_testkit::each_database;
use tenantry_testkit::sample_events::SampleDeleted;
use tokio::time::sleep;

use crate::{
    guarantees::order::assert_in_order,
    support::{
        ChildProcess, Fixture, LeaveMarks, Marks, mark, organization,
        process::{Process, deleted},
    },
};

const WRITERS: usize = 8;

const ORGANIZATIONS: usize = 40;

fn events() -> usize {
    let events = std::env::var("TENANTRY_EVENTS").ok();
    events.map_or(2_000, |text| text.parse().expect("a number"))
}

/// The variants of a unit of work.
#[derive(Clone, Copy)]
pub(crate) enum Variant {
    /// Inserts a row.
    Insert,
    /// Also records an event.
    InsertAndRecord,
    /// Also waits for a short random time before the commit.
    InsertRecordAndPause,
}

/// One unit of work.
pub(crate) async fn write(
    database: &Database,
    grant: &Grant<LeaveMarks>,
    variant: Variant,
) -> Result<(), DbError> {
    let mut work = database.begin(Actor::system());
    let rows = work.tenant(grant).await?;
    let row = mark::ActiveModel {
        id: Set(database.runtime().new_id()),
        listener: Set("none".to_owned()),
        number: Set(0),
        ..Default::default()
    };
    rows.insert::<mark::Entity>(row).await?;
    if !matches!(variant, Variant::Insert) {
        work.record(&deleted(grant.organization()));
    }
    if matches!(variant, Variant::InsertRecordAndPause) {
        let [random] = database.runtime().random_bytes();
        sleep(Duration::from_micros(u64::from(random) * 8)).await;
    }
    work.commit().await
}

/// Writes rows with several writers, and returns the rate per second.
pub(crate) async fn write_rate(process: &Arc<Process>, rows: usize, variant: Variant) -> f64 {
    let started = Instant::now();
    let writers = (0..WRITERS).map(|writer| {
        let process = Arc::clone(process);
        tokio::spawn(async move {
            for n in (writer..rows).step_by(WRITERS) {
                let grant = process.grant(of(n));
                let done = write(&process.database, &grant, variant).await;
                done.expect("written");
            }
        })
    });
    for writer in join_all(writers).await {
        writer.expect("no panic");
    }
    rows as f64 / started.elapsed().as_secs_f64()
}

fn of(n: usize) -> OrganizationId {
    organization(1 + (n % ORGANIZATIONS) as u128)
}

each_database! {
    async fn three_processes_deliver_the_events_of_eight_writers_exactly_once_in_order(
        db: TestDatabase
    ) {
        let events = events();
        let fixture = Fixture::in_real_time(db).await;
        // This process also writes.
        let process = Arc::new(fixture.process().await);
        process.bus.subscribe::<SampleDeleted>(DeliveryMode::Background, Marks::new("test.marks"));
        let others = [ChildProcess::start(&fixture.raw), ChildProcess::start(&fixture.raw)];
        let started = Instant::now();
        let dispatcher = process.dispatch();
        let rate = write_rate(&process, events, Variant::InsertRecordAndPause).await;
        fixture.until_done("test.marks").await;
        let took = started.elapsed().as_secs_f64();
        dispatcher.stop(Duration::from_secs(30)).await;
        let shares = others.map(ChildProcess::stop);
        let marks = fixture.marks("test.marks").await;
        assert_eq!(marks.len(), events, "each event takes effect once");
        assert_in_order(marks, i64::try_from(events / ORGANIZATIONS).expect("fits"));
        println!(
            "{:?}: {events} events written at {rate:.0} a second, all of them handled by three \
             processes after {took:.1} s: {:.0} a second; {shares:?} of them by the two others",
            fixture.raw.backend(),
            events as f64 / took,
        );
    }
}

impl Process {
    pub(crate) fn grant(&self, organization: OrganizationId) -> Grant<LeaveMarks> {
        let user = crate::support::user(7);
        let context = self
            .issuer
            .tenant(organization, user, Role::Owner, Actor::system());
        context.require().expect("an owner")
    }
}
