//! Counts and checks the responses.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use tenantry_testkit::{Answer, Call, TestDatabase};

/// Shared by all workers.
pub(super) struct Recorder {
    begun: Instant,
    in_flight: AtomicUsize,
    max_in_flight: AtomicUsize,
    reads: AtomicUsize,
    writes: AtomicUsize,
    errors: AtomicUsize,
    /// Every project that must exist, by id: its organization and its name.
    projects: Mutex<BTreeMap<String, (String, String)>>,
    violations: Mutex<Vec<String>>,
}

impl Recorder {
    pub(super) fn new() -> Self {
        Self {
            begun: Instant::now(),
            in_flight: AtomicUsize::new(0),
            max_in_flight: AtomicUsize::new(0),
            reads: AtomicUsize::new(0),
            writes: AtomicUsize::new(0),
            errors: AtomicUsize::new(0),
            projects: Mutex::default(),
            violations: Mutex::default(),
        }
    }

    /// Sends a request and counts its response, which must have this status.
    ///
    /// With few connections on a busy machine the response can be a 503: nothing was done, and
    /// the request is retried, as a client would do.
    pub(super) async fn send(&self, call: Call, status: u16) -> Answer {
        let in_flight = self.in_flight.fetch_add(1, Relaxed) + 1;
        self.max_in_flight.fetch_max(in_flight, Relaxed);
        let mut answer = call.again().send().await;
        for _ in 0..20 {
            if answer.status != 503 {
                break;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
            answer = call.again().send().await;
        }
        self.in_flight.fetch_sub(1, Relaxed);
        let kind = match answer.status {
            200 => &self.reads,
            201..300 => &self.writes,
            _ => &self.errors,
        };
        kind.fetch_add(1, Relaxed);
        if answer.status != status {
            self.violation(format!("{answer}\ninstead of {status}"));
        }
        answer
    }

    pub(super) fn violation(&self, what: String) {
        self.violations.lock().expect("not poisoned").push(what);
    }

    /// Records that a project exists from now on, with that name.
    pub(super) fn add(&self, id: &str, slug: &str, name: &str) {
        let place = (slug.to_owned(), name.to_owned());
        let mut projects = self.projects.lock().expect("not poisoned");
        projects.insert(id.to_owned(), place);
    }

    pub(super) fn remove(&self, id: &str) {
        self.projects.lock().expect("not poisoned").remove(id);
    }

    /// Every wrong response.
    pub(super) fn violations(&self) -> Vec<String> {
        self.violations.lock().expect("not poisoned").clone()
    }

    /// Every project that is in the wrong organization or missing.
    pub(super) async fn misplaced(&self, database: &TestDatabase) -> Vec<String> {
        let found = database.query(
            "SELECT o.slug || ' has ' || p.name AS fact
             FROM projects p JOIN organizations o ON o.id = p.organization_id",
        );
        let found = found.await;
        let found = found.iter().filter_map(|row| row["fact"].as_str());
        let mut found: Vec<_> = found.map(str::to_owned).collect();
        let expected = self.projects.lock().expect("not poisoned");
        let expected = expected
            .values()
            .map(|(slug, name)| format!("{slug} has {name}"));
        let mut missing: Vec<_> = expected.collect();
        assert!(!missing.is_empty(), "no project was created");
        missing.retain(|fact| match found.iter().position(|one| one == fact) {
            Some(one) => {
                found.swap_remove(one);
                false
            }
            None => true,
        });
        let missing = missing.into_iter().map(|fact| format!("missing: {fact}"));
        missing
            .chain(found.into_iter().map(|fact| format!("unexpected: {fact}")))
            .collect()
    }

    /// Fails on any violation, or if there were too few responses to be conclusive.
    pub(super) async fn assert_isolated(&self, database: &TestDatabase, enough: usize) {
        let violations = self.violations();
        let first: Vec<_> = violations.iter().take(3).collect();
        assert!(
            violations.is_empty(),
            "{} violations, such as {first:#?}",
            violations.len()
        );
        assert_eq!(self.misplaced(database).await, [""; 0]);
        let count = |counter: &AtomicUsize| counter.load(Relaxed);
        let answers = count(&self.reads) + count(&self.writes) + count(&self.errors);
        assert!(answers >= enough, "{self}");
        for counter in [&self.reads, &self.writes, &self.errors] {
            assert!(count(counter) >= enough / 8, "{self}");
        }
        assert!(count(&self.max_in_flight) >= 32, "{self}");
    }
}

impl fmt::Display for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |counter: &AtomicUsize| counter.load(Relaxed);
        let (reads, writes) = (count(&self.reads), count(&self.writes));
        let errors = count(&self.errors);
        write!(
            f,
            "{} responses ({reads} of 200, {writes} of 201 and 204, {errors} errors), \
             up to {} in flight, in {:.1?}",
            reads + writes + errors,
            count(&self.max_in_flight),
            self.begun.elapsed()
        )
    }
}
