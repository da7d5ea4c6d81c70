//! Many writers, several processes of the operating system: nothing lost, nothing doubled,
//! everything in order.
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
    id::OrganizationId,
    orm::Set,
    outbox::DeliveryMode,
};
use tenantry_domain_events::events::projects::ProjectDeleted;
use tenantry_testkit::each_database;
use tokio::time::sleep;

use crate::{
    guarantees::order::assert_in_order,
    support::{
        LeaveMarks, Marks, Other, Stage, mark, organization,
        process::{Process, deleted},
    },
};

const WRITERS: usize = 8;

const ORGANIZATIONS: usize = 40;

fn events() -> usize {
    let events = std::env::var("TENANTRY_EVENTS").ok();
    events.map_or(2_000, |text| text.parse().expect("a number"))
}

/// What one unit of work does.
#[derive(Clone, Copy)]
pub(crate) enum Doing {
    /// It writes a row.
    Bare,
    /// It records an event, too.
    Recording,
    /// And it is committed after a moment of random length.
    Hesitating,
}

/// One unit of work.
pub(crate) async fn write(
    database: &Database,
    grant: &Grant<LeaveMarks>,
    doing: Doing,
) -> Result<(), DbError> {
    let mut work = database.begin(Actor::system());
    let rows = work.tenant(grant).await?;
    let row = mark::ActiveModel {
        id: Set(database.runtime().new_id()),
        listener: Set("nobody".to_owned()),
        number: Set(0),
        ..Default::default()
    };
    rows.insert::<mark::Entity>(row).await?;
    if !matches!(doing, Doing::Bare) {
        work.record(&deleted(grant.organization()));
    }
    if matches!(doing, Doing::Hesitating) {
        let [random] = database.runtime().random_bytes();
        sleep(Duration::from_micros(u64::from(random) * 8)).await;
    }
    work.commit().await
}

/// Writes so many rows with several writers; the rate per second.
pub(crate) async fn written(process: &Arc<Process>, rows: usize, doing: Doing) -> f64 {
    let begun = Instant::now();
    let writers = (0..WRITERS).map(|writer| {
        let process = Arc::clone(process);
        tokio::spawn(async move {
            for n in (writer..rows).step_by(WRITERS) {
                let grant = process.grant(of(n));
                let done = write(&process.database, &grant, doing).await;
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
        // This one writes, too.
        let process = Arc::new(stage.process().await);
        process.bus.subscribe::<ProjectDeleted>(DeliveryMode::Background, Marks::new("test.marks"));
        let others = [Other::start(&stage.raw), Other::start(&stage.raw)];
        let begun = Instant::now();
        let dispatcher = process.dispatch();
        let rate = written(&process, events, Doing::Hesitating).await;
        stage.until_done("test.marks").await;
        let took = begun.elapsed().as_secs_f64();
        dispatcher.stop(Duration::from_secs(30)).await;
        let shares = others.map(Other::stop);
        let marks = stage.marks("test.marks").await;
        assert_eq!(marks.len(), events, "each has its effect once");
        assert_in_order(marks, i64::try_from(events / ORGANIZATIONS).expect("fits"));
        println!(
            "{:?}: {events} events written at {rate:.0} a second, all of them handled by three \
             processes after {took:.1} s: {:.0} a second; {shares:?} of them by the two others",
            stage.raw.backend(),
            events as f64 / took,
        );
    }
}

impl Process {
    pub(crate) fn grant(&self, organization: OrganizationId) -> Grant<LeaveMarks> {
        let nobody = crate::support::user(7);
        let context = self
            .issuer
            .tenant(organization, nobody, Role::Owner, Actor::system());
        context.require().expect("an owner")
    }
}
