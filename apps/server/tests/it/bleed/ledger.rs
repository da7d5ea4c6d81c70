//! What was answered, counted and checked.

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

/// What all lanes write into.
pub(super) struct Ledger {
    begun: Instant,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
    reads: AtomicUsize,
    writes: AtomicUsize,
    refused: AtomicUsize,
    /// Every project that must be there, by its id: its organization and its name.
    projects: Mutex<BTreeMap<String, (String, String)>>,
    strays: Mutex<Vec<String>>,
}

impl Ledger {
    pub(super) fn new() -> Self {
        Self {
            begun: Instant::now(),
            under_way: AtomicUsize::new(0),
            most_under_way: AtomicUsize::new(0),
            reads: AtomicUsize::new(0),
            writes: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
            projects: Mutex::default(),
            strays: Mutex::default(),
        }
    }

    /// Sends a request and counts its answer, which must have this status.
    ///
    /// With few connections on a busy machine the answer can be "try again": then nothing was
    /// done, and it is tried again, as a client would.
    pub(super) async fn send(&self, call: Call, status: u16) -> Answer {
        let under_way = self.under_way.fetch_add(1, Relaxed) + 1;
        self.most_under_way.fetch_max(under_way, Relaxed);
        let mut answer = call.again().send().await;
        for _ in 0..20 {
            if answer.status != 503 {
                break;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
            answer = call.again().send().await;
        }
        self.under_way.fetch_sub(1, Relaxed);
        let kind = match answer.status {
            200 => &self.reads,
            201..300 => &self.writes,
            _ => &self.refused,
        };
        kind.fetch_add(1, Relaxed);
        if answer.status != status {
            self.stray(format!("{answer}\ninstead of {status}"));
        }
        answer
    }

    pub(super) fn stray(&self, what: String) {
        self.strays.lock().expect("not poisoned").push(what);
    }

    /// A project is there from now on, under that name.
    pub(super) fn keep(&self, id: &str, slug: &str, name: &str) {
        let place = (slug.to_owned(), name.to_owned());
        let mut projects = self.projects.lock().expect("not poisoned");
        projects.insert(id.to_owned(), place);
    }

    pub(super) fn forget(&self, id: &str) {
        self.projects.lock().expect("not poisoned").remove(id);
    }

    /// Everything that was answered as it must not be.
    pub(super) fn strays(&self) -> Vec<String> {
        self.strays.lock().expect("not poisoned").clone()
    }

    /// Every project that is not where it was made, or is missing there.
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
        assert!(!missing.is_empty(), "nothing was made");
        missing.retain(|fact| match found.iter().position(|one| one == fact) {
            Some(one) => {
                found.swap_remove(one);
                false
            }
            None => true,
        });
        let missing = missing.into_iter().map(|fact| format!("missing: {fact}"));
        missing
            .chain(found.into_iter().map(|fact| format!("too much: {fact}")))
            .collect()
    }

    /// Fails when anything strayed, or when fewer answers came than are enough to tell.
    pub(super) async fn assert_kept_apart(&self, database: &TestDatabase, enough: usize) {
        let strays = self.strays();
        let first: Vec<_> = strays.iter().take(3).collect();
        assert!(
            strays.is_empty(),
            "{} strays, such as {first:#?}",
            strays.len()
        );
        assert_eq!(self.misplaced(database).await, [""; 0]);
        let count = |counter: &AtomicUsize| counter.load(Relaxed);
        let answers = count(&self.reads) + count(&self.writes) + count(&self.refused);
        assert!(answers >= enough, "{self}");
        for counter in [&self.reads, &self.writes, &self.refused] {
            assert!(count(counter) >= enough / 8, "{self}");
        }
        assert!(count(&self.most_under_way) >= 32, "{self}");
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |counter: &AtomicUsize| counter.load(Relaxed);
        let (reads, writes) = (count(&self.reads), count(&self.writes));
        let refused = count(&self.refused);
        write!(
            f,
            "{} answers ({reads} of 200, {writes} of 201 and 204, {refused} refusals), \
             up to {} under way, in {:.1?}",
            reads + writes + refused,
            count(&self.most_under_way),
            self.begun.elapsed()
        )
    }
}
