//! A server that is killed in the middle of its work, again and again: whatever it acknowledged
//! is there, and every listener heard of everything that is there, once.
//!
//! `TENANTRY_KILLS` sets how often it is killed; a test run has time for a few. Whoever sets it has
//! a release build, and there it is held to a time until it is ready, too.
//!
//! - [`load`]: who writes, and what was acknowledged
//! - [`books`]: what must be in the database afterwards

mod books;
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

/// The name of the project that a listener makes in each new organization.
const FIRST: &str = "Getting started";

const WRITERS: usize = 4;

/// How long a server that was killed may take to be ready again.
const READY_WITHIN: Duration = Duration::from_secs(2);

/// How often it is killed, if somebody says so.
fn wanted() -> Option<usize> {
    let kills = std::env::var("TENANTRY_KILLS").ok()?;
    Some(kills.parse().expect("a number"))
}

fn kills() -> usize {
    wanted().unwrap_or(3)
}

/// Starts the server and waits until it is ready; how long that took.
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
    async fn a_server_that_is_killed_loses_nothing_and_does_nothing_twice(db: TestDatabase) {
        let program = Program::on(&db)
            .with("TENANTRY__SERVER__PORT", "0")
            .with("TENANTRY__SERVER__WORKERS", "2")
            .with("TENANTRY__PROJECTS__FIRST", FIRST);
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
            let under_way = writers.iter().map(|writer| writer.write(server.url(), kill, &done));
            let under_way: Vec<_> = under_way.collect();
            // In the middle of something, and nobody knows of what.
            let [random] = Runtime::system().random_bytes();
            while done.load(Ordering::SeqCst) < 15 + usize::from(random % 16) {
                sleep(Duration::from_millis(1)).await;
            }
            server.child.kill().expect("it lives");
            for written in under_way {
                acknowledged.add(written.await.expect("no panic"));
            }
            kept += books::left(&db).await;
        }
        let (server, took) = ready(&program).await;
        slowest = slowest.max(took);
        // What the dead ones held is free when their leases run out.
        let done = async {
            while books::left(&db).await > 0 {
                sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(Duration::from_secs(60), done).await.expect("all of it is handled");
        drop(server);
        println!(
            "{:?}: killed {} times under {} acknowledged writes; {kept} deliveries were left \
             behind and handled later; slowest to be ready: {slowest:?}",
            db.backend(), kills(), acknowledged.count(),
        );
        books::check(&db, &acknowledged).await;
        assert!(wanted().is_none() || slowest < READY_WITHIN, "{slowest:?}");
    }
}
