//! Many writers, several processes: nothing lost, nothing doubled, everything in order; and what
//! it costs.
//!
//! `TENANTRY_EVENTS` sets how many events there are; a test run has time for a few. Figures are
//! worth something in a release build alone.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use tenantry_core::{
    access::{Actor, Grant, Role},
    db::{Database, DbError},
    event::Timing,
    id::OrganizationId,
    orm::Set,
};
use tenantry_domain_events::events::projects::ProjectDeleted;
use tenantry_testkit::each_database;
use tokio::time::sleep;

use crate::{
    guarantees::order::assert_in_order,
    support::{
        LeaveMarks, Marks, Stage, mark, organization,
        process::{Process, deleted},
    },
};

const WRITERS: usize = 8;

const ORGANIZATIONS: usize = 40;

fn events() -> usize {
    let events = std::env::var("TENANTRY_EVENTS").ok();
    events.map_or(2_000, |text| text.parse().expect("a number"))
}

/// One unit of work: a row, and perhaps an event. It is committed after a moment of random
/// length.
async fn write(
    database: &Database,
    grant: &Grant<LeaveMarks>,
    recording: bool,
    hesitating: bool,
) -> Result<(), DbError> {
    let mut work = database.begin(Actor::system());
    let rows = work.tenant(grant).await?;
    let row = mark::ActiveModel {
        id: Set(database.sources().id()),
        listener: Set("nobody".to_owned()),
        number: Set(0),
        place: Set(0),
        ..Default::default()
    };
    rows.insert::<mark::Entity>(row).await?;
    if recording {
        work.record(&deleted(grant.organization()));
    }
    if hesitating {
        let [random] = database.sources().secret();
        sleep(Duration::from_micros(u64::from(random) * 8)).await;
    }
    work.commit().await
}

/// Writes so many rows with several writers; the rate per second.
async fn written(process: &Arc<Process>, rows: usize, recording: bool, hesitating: bool) -> f64 {
    let begun = Instant::now();
    let writers = (0..WRITERS).map(|writer| {
        let process = Arc::clone(process);
        tokio::spawn(async move {
            for n in (writer..rows).step_by(WRITERS) {
                let grant = process.grant(of(n));
                let done = write(&process.database, &grant, recording, hesitating).await;
                done.expect("written");
            }
        })
    });
    for writer in join_all(writers).await {
        writer.expect("no panic");
    }
    rows as f64 / begun.elapsed().as_secs_f64()
}

fn of(n: usize) -> OrganizationId {
    organization(1 + (n % ORGANIZATIONS) as u128)
}

each_database! {
    async fn three_processes_tell_of_what_eight_writers_do_and_lose_and_double_nothing(
        db: TestDatabase
    ) {
        let events = events();
        let stage = Stage::in_real_time(db).await;
        let mut processes = Vec::new();
        for _ in 0..3 {
            let process = stage.process().await;
            process.bus.subscribe::<ProjectDeleted>(Timing::Background, Marks::new("test.marks"));
            processes.push(Arc::new(process));
        }
        let begun = Instant::now();
        let dispatchers: Vec<_> = processes.iter().map(|process| process.dispatch()).collect();
        let rate = written(&processes[0], events, true, true).await;
        stage.until_done("test.marks").await;
        let took = begun.elapsed().as_secs_f64();
        for dispatcher in dispatchers {
            dispatcher.stop(Duration::from_secs(30)).await;
        }
        let marks = stage.marks("test.marks").await;
        assert_eq!(marks.len(), events, "each has its effect once");
        assert_in_order(marks, i64::try_from(events / ORGANIZATIONS).expect("fits"));
        println!(
            "{:?}: {events} events written at {rate:.0} a second, all of them handled by three \
             dispatchers after {took:.1} s: {:.0} a second",
            stage.raw.backend(),
            events as f64 / took,
        );
    }

    async fn recording_an_event_costs_a_share_of_a_bare_insert(db: TestDatabase) {
        let stage = Stage::in_real_time(db).await;
        // Nobody listens: this is what every write pays.
        let process = Arc::new(stage.process().await);
        let rows = (events() / 20).max(100);
        let (mut bare, mut recording) = (0.0, 0.0);
        // Turn by turn, so that whatever else the machine does is done to both.
        for _ in 0..5 {
            bare += written(&process, rows, false, false).await / 5.0;
            recording += written(&process, rows, true, false).await / 5.0;
        }
        println!(
            "{:?}: {bare:.0} bare inserts a second, {recording:.0} with an event: {:.0} % more time",
            stage.raw.backend(),
            (bare / recording - 1.0) * 100.0,
        );
    }
}

impl Process {
    fn grant(&self, organization: OrganizationId) -> Grant<LeaveMarks> {
        let nobody = crate::support::user(7);
        let context = self
            .issuer
            .tenant(organization, nobody, Role::Owner, Actor::system());
        context.require().expect("an owner")
    }
}
