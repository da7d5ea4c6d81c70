//! Two servers on one Postgres, one of which is stopped under load (`SIGSTOP`) and continued: what it
//! holds stops no other organization, no acknowledged write is lost, and none is done twice.
//!
//! `TENANTRY_STOPS` sets the number of stops; if it is set, each lasts a minute, and the times of the
//! requests are asserted, too.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tenantry_testkit::{ApiClient, Backend, TestDatabase};
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::support::{Program, ServerProcess};

const ORGANIZATIONS: usize = 4;

/// Concurrent writers of each organization on each server.
const WRITERS: usize = 2;

const PASSWORD: &str = "correct horse battery";

/// From then on, other requests don't notice the stopped server.
const UNNOTICED_AFTER: Duration = Duration::from_secs(2);

/// Long enough for every request of these tests, so that one that hangs fails.
const AGES: Duration = Duration::from_secs(60);

fn configured() -> Option<usize> {
    let stops = std::env::var("TENANTRY_STOPS").ok()?;
    Some(stops.parse().expect("a number"))
}

/// An organization and its owner.
struct Owner {
    slug: String,
    email: String,
    cookies: String,
}

impl Owner {
    async fn sign_up(url: &str, number: usize) -> Self {
        let client = ApiClient::new(url);
        let email = format!("owner{number}@example.com");
        let account = json!({"email": email, "name": "Owner", "password": PASSWORD});
        client
            .post("/api/auth/signup", account)
            .send()
            .await
            .expect(201);
        let slug = format!("org-{number}");
        let organization = json!({"name": slug, "slug": slug});
        client
            .post("/api/organizations", organization)
            .send()
            .await
            .expect(201);
        let cookies = client.cookies().expect("a session");
        Self {
            slug,
            email,
            cookies,
        }
    }

    fn client(&self, url: &str) -> ApiClient {
        let client = ApiClient::new(url);
        client.set_cookies(&self.cookies);
        client
    }
}

/// A request, by the moment at which it was sent.
struct Sent {
    at: Instant,
    took: Duration,
    status: u16,
}

/// The acknowledged names, and every request.
#[derive(Default)]
struct Written {
    names: Vec<String>,
    sent: Vec<Sent>,
}

/// Numbers all projects, so that each name is sent once.
static NUMBER: AtomicUsize = AtomicUsize::new(0);

fn write(owner: &Owner, url: &str, stop: &Arc<AtomicBool>) -> JoinHandle<Written> {
    let (client, slug) = (owner.client(url), owner.slug.clone());
    let stop = Arc::clone(stop);
    tokio::spawn(async move {
        let mut written = Written::default();
        while !stop.load(Ordering::Relaxed) {
            let name = format!("Project {}", NUMBER.fetch_add(1, Ordering::Relaxed));
            let at = Instant::now();
            let request = client.post("/api/projects", json!({"name": name}));
            let answer = request.organization(&slug).send().await;
            let (took, status) = (at.elapsed(), answer.status);
            assert!([201, 503].contains(&status), "{answer:?}");
            written.sent.push(Sent { at, took, status });
            match status {
                201 => written.names.push(name),
                _ => sleep(Duration::from_millis(50)).await,
            }
        }
        written
    })
}

/// Repeats a request while it gets 503.
async fn succeeds(what: &str, request: impl AsyncFn() -> u16) {
    let done = async {
        loop {
            match request().await {
                503 => sleep(Duration::from_millis(20)).await,
                status => return status,
            }
        }
    };
    let status = timeout(AGES, done).await;
    let status = status.unwrap_or_else(|_| panic!("{what} never succeeds"));
    assert!([200, 201].contains(&status), "{what}: {status}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_server_stops_no_organization_on_another() {
    let database = TestDatabase::new(Backend::Postgres).await;
    let program = Program::on(&database)
        .with("TENANTRY__SERVER__PORT", "0")
        .with("TENANTRY__SERVER__WORKERS", "2");
    let stopped = ServerProcess::start(&program, "saas");
    let other = ServerProcess::start(&program, "saas");
    let mut owners = Vec::new();
    for number in 0..ORGANIZATIONS {
        owners.push(Owner::sign_up(other.url(), number).await);
    }
    let process = Pid::from_raw(stopped.child.id().cast_signed()).expect("not zero");
    let mut names = Vec::new();
    for stop in 0..configured().unwrap_or(1) {
        let end = Arc::<AtomicBool>::default();
        let start = |url: &str| -> Vec<_> {
            let each = owners.iter().flat_map(|owner| vec![owner; WRITERS]);
            each.map(|owner| write(owner, url, &end)).collect()
        };
        let (on_stopped, on_other) = (start(stopped.url()), start(other.url()));
        sleep(Duration::from_millis(500)).await;
        kill_process(process, Signal::STOP).expect("it runs");
        let stopped_at = Instant::now();
        for owner in &owners {
            let client = owner.client(other.url());
            succeeds("a write", async || {
                let name = format!("Project {}", NUMBER.fetch_add(1, Ordering::Relaxed));
                let request = client.post("/api/projects", json!({"name": name}));
                request.organization(&owner.slug).send().await.status
            })
            .await;
            succeeds("a login", async || {
                let login = json!({"email": owner.email, "password": PASSWORD});
                let client = ApiClient::new(other.url());
                client.post("/api/auth/login", login).send().await.status
            })
            .await;
        }
        if configured().is_some() {
            sleep(Duration::from_secs(60)).await;
        }
        let continued_at = Instant::now();
        kill_process(process, Signal::CONT).expect("it is stopped");
        end.store(true, Ordering::Relaxed);
        for writer in on_stopped {
            let written = timeout(AGES, writer).await.expect("it is answered");
            names.extend(written.expect("no panic").names);
        }
        let mut later = Vec::new();
        for writer in on_other {
            let written = timeout(AGES, writer).await.expect("it is answered");
            let written = written.expect("no panic");
            names.extend(written.names);
            let noticed = stopped_at + UNNOTICED_AFTER;
            let sent = written.sent.into_iter();
            later.extend(sent.filter(|sent| (noticed..continued_at).contains(&sent.at)));
        }
        later.sort_by_key(|sent| sent.took);
        let failed = later.iter().filter(|sent| sent.status != 201).count();
        let p99 = later.get(later.len() * 99 / 100).map(|sent| sent.took);
        println!(
            "stop {stop}: {} writes later than {UNNOTICED_AFTER:?} after it, {failed} failed, the \
             99th percentile {p99:?}",
            later.len(),
        );
        if configured().is_some() {
            assert_eq!(failed, 0);
            assert!(
                p99.is_some_and(|p99| p99 < Duration::from_secs(1)),
                "{p99:?}"
            );
        }
    }
    let lost = "SELECT name FROM projects";
    let stored = database.query(lost).await;
    let stored: Vec<_> = stored
        .iter()
        .map(|row| row["name"].as_str().expect("text"))
        .collect();
    for name in &names {
        let times = stored.iter().filter(|stored| *stored == name).count();
        assert_eq!(times, 1, "{name} was acknowledged");
    }
    let differing = "SELECT count(*) AS n FROM organizations o WHERE
         (SELECT count(*) FROM projects p WHERE p.organization_id = o.id) <>
         (SELECT count(*) FROM event_log e WHERE e.organization_id = o.id
          AND e.name = 'projects.project_created')";
    assert_eq!(
        database.number(differing).await,
        0,
        "a project without its event"
    );
}
