//! An operating system process that shares a test's database and dispatches.
//!
//! It is the test program itself, started again with only the test below and [`URL`] set. Without
//! the variable, that test starts such a process.

use std::{
    env::{current_exe, var},
    io::{BufRead as _, BufReader, Read as _, stdin},
    process::{Child, Command, Stdio},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tenantry_core::{outbox::DeliveryMode, runtime::Runtime};
use tenantry_domain_events::EventBus;
use tenantry_testkit::sample_events::SampleDeleted;
use tenantry_testkit::{Backend, TestDatabase, run};

use super::{
    Marks, organization,
    process::{Fixture, Process},
};

const URL: &str = "TENANTRY_TEST_DISPATCH";

const HANDLED: &str = "handled: ";

/// A child process. It ends with its parent.
pub(crate) struct ChildProcess(Child);

impl ChildProcess {
    /// Starts it, with a background listener named `test.marks`.
    pub(crate) fn start(database: &TestDatabase) -> Self {
        let itself = current_exe().expect("a program");
        let mut child = Command::new(itself);
        child
            .args(["--exact", "--nocapture"])
            .arg("support::child_process::a_child_process_dispatches_until_its_input_ends")
            .env(URL, database.url())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        Self(child.spawn().expect("it starts"))
    }

    /// Stops it gracefully, and returns how many events its listener handled.
    pub(crate) fn stop(mut self) -> usize {
        drop(self.0.stdin.take());
        let lines = BufReader::new(self.0.stdout.take().expect("piped")).lines();
        let mut lines = lines.map_while(Result::ok);
        let handled = lines.find_map(|line| line.split_once(HANDLED)?.1.parse().ok());
        assert!(self.0.wait().expect("ours").success());
        handled.expect("its output has the count")
    }
}

#[test]
fn a_child_process_dispatches_until_its_input_ends() {
    match var(URL) {
        Ok(url) => dispatch_until_input_ends(&url),
        Err(_) => run(Backend::Sqlite, async |db| {
            let fixture = Fixture::in_real_time(db).await;
            let writer = fixture.dying().await;
            let marks = Marks::new("test.marks");
            writer
                .bus
                .subscribe::<SampleDeleted>(DeliveryMode::Background, marks.clone());
            writer.record(organization(1), 3).await;
            let child = ChildProcess::start(&fixture.raw);
            fixture.until_done("test.marks").await;
            assert_eq!((child.stop(), marks.calls.load(Ordering::SeqCst)), (3, 0));
        }),
    }
}

fn dispatch_until_input_ends(url: &str) {
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
        bus.subscribe::<SampleDeleted>(DeliveryMode::Background, marks.clone());
        let dispatcher = process.dispatch();
        let input_ended = tokio::task::spawn_blocking(|| stdin().read_to_end(&mut Vec::new()));
        drop(input_ended.await);
        dispatcher.stop(Duration::from_secs(30)).await;
        println!("{HANDLED}{}", marks.calls.load(Ordering::SeqCst));
    });
}
