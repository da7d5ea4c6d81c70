//! A tenant beside the attacked one: what it notices.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::{runtime::Builder, time::sleep};

use super::{connection::Connection, world::Account};

/// Another address of the machine than the attackers'.
const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

const PAUSE: Duration = Duration::from_millis(25);

/// After so many requests, a connection is closed and opened again.
const OF_ONE_CONNECTION: usize = 10;

/// Numbers all projects of the victim.
static NUMBER: AtomicUsize = AtomicUsize::new(0);

pub(super) struct Victim {
    server: String,
    account: Account,
}

/// A victim whose requests are measured until it is stopped.
pub(super) struct Running {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Measured>,
}

/// What the victim noticed.
#[derive(Default)]
pub(super) struct Measured {
    /// Sorted.
    took: Vec<Duration>,
    pub(super) failures: Vec<String>,
}

impl Victim {
    pub(super) fn new(server: &str, account: &Account) -> Self {
        Self {
            server: server.to_owned(),
            account: account.clone(),
        }
    }

    /// Reads and writes on two connections.
    pub(super) fn start(&self) -> Running {
        let stop = Arc::<AtomicBool>::default();
        let stopped = Arc::clone(&stop);
        let (server, account) = (self.server.clone(), self.account.clone());
        // A thread of its own, so that attackers in this process add no latency.
        let thread = thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build();
            let list = || account.request("GET", "/api/projects", "", "");
            let create = || {
                let name = format!("Project {}", NUMBER.fetch_add(1, Ordering::Relaxed));
                let new = json!({"name": name}).to_string();
                account.request("POST", "/api/projects", "", &new)
            };
            let both = async {
                let reads = repeat(&server, &stopped, 200, list);
                let writes = repeat(&server, &stopped, 201, create);
                tokio::join!(reads, writes)
            };
            let (mut reads, writes) = runtime.expect("a runtime").block_on(both);
            reads.took.extend(writes.took);
            reads.took.sort_unstable();
            reads.failures.extend(writes.failures);
            reads
        });
        Running { stop, thread }
    }
}

async fn repeat(
    server: &str,
    stop: &AtomicBool,
    expected: u16,
    request: impl Fn() -> Vec<u8>,
) -> Measured {
    let mut measured = Measured::default();
    let mut connection = Connection::new(server, ADDRESS);
    while !stop.load(Ordering::Relaxed) {
        let begun = Instant::now();
        let answered = connection.exchange(&request()).await;
        measured.took.push(begun.elapsed());
        match answered {
            Ok(status) if status == expected => {}
            Ok(status) => measured
                .failures
                .push(format!("{status} instead of {expected}")),
            Err(error) => measured.failures.push(error.to_string()),
        }
        if measured.took.len() % OF_ONE_CONNECTION == 0 {
            connection.close();
        }
        sleep(PAUSE).await;
    }
    measured
}

impl Running {
    pub(super) fn stop(self) -> Measured {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("no panic")
    }
}

impl Measured {
    pub(super) fn requests(&self) -> usize {
        self.took.len()
    }

    /// A percentile.
    pub(super) fn at(&self, percent: usize) -> Duration {
        let found = self.took.get(self.took.len() * percent / 100);
        found.copied().unwrap_or_default()
    }
}
