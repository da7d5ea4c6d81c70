//! A process of the operating system that shares a test's database and dispatches.
//!
//! It is the tests' own program, started again for the one test here. Started with the rest, that
//! test starts it.

use std::{
    env::{current_exe, var},
    io::{BufRead as _, BufReader, Read as _, stdin},
    process::{Child, Command, Stdio},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tenantry_core::{outbox::DeliveryMode, runtime::Runtime};
use tenantry_domain_events::{EventBus, events::projects::ProjectDeleted};
use tenantry_testkit::{Backend, TestDatabase, run};

use super::{
    Marks, organization,
    process::{Process, Stage},
};

const URL: &str = "TENANTRY_TEST_DISPATCH";

const TOLD: &str = "told of: ";

/// Another process. It ends with the one that started it.
pub(crate) struct Other(Child);

impl Other {
    /// Starts it, with a background listener named `test.marks`.
    pub(crate) fn start(database: &TestDatabase) -> Self {
        let itself = current_exe().expect("a program");
        let mut child = Command::new(itself);
        child
            .args(["--exact", "--nocapture"])
            .arg("support::other::a_process_tells_until_it_is_let_go")
            .env(URL, database.url())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        Self(child.spawn().expect("it starts"))
    }

    /// Lets it finish what it began; how many events it told its listener of.
    pub(crate) fn stop(mut self) -> usize {
        drop(self.0.stdin.take());
        let lines = BufReader::new(self.0.stdout.take().expect("piped")).lines();
        let mut lines = lines.map_while(Result::ok);
        let told = lines.find_map(|line| line.split_once(TOLD)?.1.parse().ok());
        assert!(self.0.wait().expect("ours").success());
        told.expect("it says so")
    }
}

#[test]
fn a_process_tells_until_it_is_let_go() {
    match var(URL) {
        Ok(url) => dispatch_until_let_go(&url),
        Err(_) => run(Backend::Sqlite, async |db| {
            let stage = Stage::in_real_time(db).await;
            let writer = stage.dying().await;
            let marks = Marks::new("test.marks");
            writer
                .bus
                .subscribe::<ProjectDeleted>(DeliveryMode::Background, marks.clone());
            writer.record(organization(1), 3).await;
            let other = Other::start(&stage.raw);
            stage.until_done("test.marks").await;
            assert_eq!((other.stop(), marks.told.load(Ordering::SeqCst)), (3, 0));
        }),
    }
}

fn dispatch_until_let_go(url: &str) {
    let runtime = tokio::runtime::Runtime::new().expect("there are threads left");
    runtime.block_on(async {
        let bus = EventBus::new();
        let marks = Marks::new("test.marks");
        let process = Process::open(
            url,
            Arc::clone(&bus),
            Arc::clone(&bus) as _,
            Runtime::system(),
        );
        let process = process.await;
        bus.subscribe::<ProjectDeleted>(DeliveryMode::Background, marks.clone());
        let dispatcher = process.dispatch();
        let let_go = tokio::task::spawn_blocking(|| stdin().read_to_end(&mut Vec::new()));
        drop(let_go.await);
        dispatcher.stop(Duration::from_secs(30)).await;
        println!("{TOLD}{}", marks.told.load(Ordering::SeqCst));
    });
}
