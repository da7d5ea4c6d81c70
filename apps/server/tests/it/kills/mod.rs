//! A server that is killed repeatedly under load: every acknowledged write is stored, and every
//! stored event is delivered exactly once to every listener, and every committed job is done, with its
//! effect once.
//!
//! `TENANTRY_KILLS` sets the number of kills; the default is small. If it is set, the build is a
//! release build, and the time to readiness is asserted too.
//!
//! - [`load`]: the writers, and their acknowledged writes
//! - [`invariants`]: what must hold in the database afterwards

mod invariants;
mod load;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tenantry_core::runtime::Runtime;
use tenantry_testkit::{ApiClient, each_database};
use tokio::time::{sleep, timeout};

use self::load::{Acknowledged, Writer};
use crate::support::{Program, ServerProcess};

/// The name of the project that a listener creates in each new organization.
const FIRST: &str = "Getting started";

const WRITERS: usize = 4;

/// The maximum time from a start after a kill to readiness.
const READY_WITHIN: Duration = Duration::from_secs(2);

/// The configured number of kills.
fn configured() -> Option<usize> {
    let kills = std::env::var("TENANTRY_KILLS").ok()?;
    Some(kills.parse().expect("a number"))
}

fn kills() -> usize {
    configured().unwrap_or(3)
}

/// Starts the server and waits until it is ready. Returns the time that this took.
async fn ready(program: &Program) -> (ServerProcess, Duration) {
    let begun = Instant::now();
    let server = ServerProcess::start(program, "saas");
    let client = ApiClient::new(server.url());
    while client.get("/health/ready").send().await.status != 200 {
        sleep(Duration::from_millis(10)).await;
    }
    (server, begun.elapsed())
}

each_database! {
    async fn a_killed_server_loses_nothing_and_does_nothing_twice(db: TestDatabase) {
        let program = Program::on(&db)
            .with("TENANTRY__SERVER__PORT", "0")
            .with("TENANTRY__SERVER__WORKERS", "2")
            .with("TENANTRY__PROJECTS__FIRST", FIRST)
            .with("TENANTRY__PROJECTS__ARCHIVE_AFTER_DAYS", "30");
        let mut acknowledged = Acknowledged::default();
        let mut writers = Vec::new();
        let (mut slowest, mut kept) = (Duration::ZERO, 0);
        for kill in 0..kills() {
            let (mut server, took) = ready(&program).await;
            slowest = slowest.max(took);
            if writers.is_empty() {
                for n in 0..WRITERS {
                    writers.push(Writer::sign_up(server.url(), n).await);
                }
            }
            let done = Arc::new(AtomicUsize::new(0));
            let tasks = writers.iter().map(|writer| writer.write(server.url(), kill, &done));
            let tasks: Vec<_> = tasks.collect();
            // At a random moment of the load.
            let [random] = Runtime::system().random_bytes();
            while done.load(Ordering::SeqCst) < 15 + usize::from(random % 16) {
                sleep(Duration::from_millis(1)).await;
            }
            server.child.kill().expect("it is running");
            for written in tasks {
                acknowledged.add(written.await.expect("no panic"));
            }
            kept += invariants::pending_deliveries(&db).await;
            // The next server does a job in each organization, beside its load.
            let idle = "UPDATE projects SET status = 'active', updated_at = '2020-01-05T09:00:00+00:00'
                WHERE status = 'draft'";
            db.execute(idle).await;
            program.run(&["jobs", "run", "projects.archive_idle"]).expect(0);
        }
        let (server, took) = ready(&program).await;
        slowest = slowest.max(took);
        // The deliveries of killed processes are claimable when their leases expire.
        let done = async {
            while invariants::pending_deliveries(&db).await > 0 {
                sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(Duration::from_secs(60), done).await.expect("all deliveries are handled");
        drop(server);
        println!(
            "{:?}: killed {} times under {} acknowledged writes; {kept} deliveries were pending \
             at a kill and handled later; slowest start: {slowest:?}",
            db.backend(), kills(), acknowledged.count(),
        );
        invariants::check(&db, &acknowledged).await;
        assert!(configured().is_none() || slowest < READY_WITHIN, "{slowest:?}");
    }
}
