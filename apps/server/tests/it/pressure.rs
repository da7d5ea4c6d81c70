//! What callers notice of others who mean no good, or are too many: measured beside what they
//! notice without them, and printed. What is asserted is never a time.
//!
//! `TENANTRY_PRESSURE` multiplies numbers and times; a test run has time for 1.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use serde_json::json;
use tenantry_testkit::{ApiClient, Backend, TestDatabase};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Semaphore,
    task::JoinSet,
    time::{interval, sleep, timeout},
};

use crate::support::{Program, Served, Wire};

fn times(number: usize) -> usize {
    let times = std::env::var("TENANTRY_PRESSURE").ok();
    number * times.map_or(1, |text| text.parse::<usize>().expect("a number"))
}

/// A server on Postgres, and somebody with an organization on it.
struct Scene {
    _database: TestDatabase,
    server: Served,
    cookie: String,
}

impl Scene {
    async fn new(variables: &[(&str, &str)]) -> Self {
        let database = TestDatabase::new(Backend::Postgres).await;
        let program = Program::on(&database)
            .with("TENANTRY__SERVER__PORT", "0")
            .with("TENANTRY__SERVER__WORKERS", "2")
            .with("RUST_LOG", "error");
        let program = variables
            .iter()
            .fold(program, |program, (name, value)| program.with(name, value));
        let server = Served::start(&program, "saas");
        let client = ApiClient::new(server.url());
        let account = json!({
            "email": "ada@example.com", "name": "Ada", "password": "correct horse battery",
        });
        let made = client.post("/api/auth/signup", account).send().await;
        made.expect(201);
        let organization = client.post("/api/organizations", json!({"name": "Acme"}));
        organization.send().await.expect(201);
        let cookie = client.cookies().expect("a session");
        Self {
            _database: database,
            server,
            cookie,
        }
    }

    /// Somebody of the organization, on connections of his own.
    fn ada(&self) -> ApiClient {
        let client = ApiClient::new(self.server.url());
        client.set_cookie(&self.cookie);
        client
    }

    /// A connection of somebody of the organization who asks for its projects.
    async fn wire(&self) -> Wire {
        let cookie = format!("Cookie: {}\r\n", self.cookie);
        Wire::to(&self.ada().address(), "GET", "/api/projects", &cookie, "").await
    }

    /// How long a few well-behaved callers wait for their answers, until they are told to stop.
    async fn callers(&self) -> Callers {
        let stop = Arc::<AtomicBool>::default();
        let mut callers = JoinSet::new();
        for _ in 0..4 {
            let (mut wire, stop) = (self.wire().await, Arc::clone(&stop));
            callers.spawn(async move {
                let mut took = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let heard = wire.ask().await;
                    assert_eq!(heard.status, 200);
                    took.push(heard.took);
                    sleep(Duration::from_millis(5)).await;
                }
                took
            });
        }
        Callers { stop, callers }
    }

    async fn alone(&self) -> Waits {
        let callers = self.callers().await;
        sleep(Duration::from_secs(times(1) as u64)).await;
        callers.end().await
    }

    /// The memory in use, in MB, where the system tells.
    fn memory(&self) -> u64 {
        let file = format!("/proc/{}/status", self.server.child.id());
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kilobytes.unwrap_or_default() / 1024
    }
}

struct Callers {
    stop: Arc<AtomicBool>,
    callers: JoinSet<Vec<Duration>>,
}

impl Callers {
    async fn end(self) -> Waits {
        self.stop.store(true, Ordering::Relaxed);
        let took = self.callers.join_all().await;
        Waits::of(took.into_iter().flatten().collect())
    }
}

/// The waits of many.
#[derive(Debug)]
#[expect(dead_code, reason = "printed")]
struct Waits {
    requests: usize,
    p50: Duration,
    p99: Duration,
}

impl Waits {
    fn of(mut took: Vec<Duration>) -> Self {
        took.sort_unstable();
        let at = |percent: usize| took.get(took.len() * percent / 100).copied();
        Self {
            requests: took.len(),
            p50: at(50).unwrap_or_default(),
            p99: at(99).unwrap_or_default(),
        }
    }
}

/// Sends a head byte by byte until it is cut off; how long that took.
async fn slow_client(address: String) -> Duration {
    let mut stream = TcpStream::connect(address)
        .await
        .expect("the server listens");
    let begun = Instant::now();
    drop(stream.write_all(b"GET /api/projects HTTP/1.1\r\nX: ").await);
    let mut heard = [0; 1024];
    loop {
        let listened = timeout(Duration::from_millis(500), stream.read(&mut heard)).await;
        match listened {
            Ok(Ok(0) | Err(_)) => return begun.elapsed(),
            Ok(Ok(_)) => {}
            Err(_) => drop(stream.write_all(b"x").await),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_clients_are_cut_off_and_others_are_served_meanwhile() {
    let scene = Scene::new(&[]).await;
    let without = scene.alone().await;
    let address = scene.ada().address();
    let clients = (0..times(100)).map(|_| tokio::spawn(slow_client(address.clone())));
    let clients: Vec<_> = clients.collect();
    let callers = scene.callers().await;
    let cut = join_all(clients).await;
    let with = callers.end().await;
    let cut = cut.into_iter().map(|took| took.expect("no panic"));
    println!(
        "{} slow clients, the last cut off after {:?}; others without them: {without:?}, with \
         them: {with:?}; {} MB",
        times(100),
        cut.max(),
        scene.memory(),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_logins_at_once_the_surplus_is_refused_and_others_are_served_meanwhile() {
    let scene = Scene::new(&[]).await;
    let without = scene.alone().await;
    let before = scene.memory();
    let address = scene.ada().address();
    let attempts = (0..times(100)).map(async |n| {
        let login =
            json!({"email": format!("nobody{n}@example.com"), "password": "wrong password"});
        let path = "/api/auth/login";
        Wire::to(&address, "POST", path, "", &login.to_string()).await
    });
    let mut attempts = join_all(attempts).await;
    let callers = scene.callers().await;
    let heard = join_all(attempts.iter_mut().map(Wire::ask)).await;
    let after = scene.memory();
    let with = callers.end().await;
    let (refused, hashed): (Vec<_>, Vec<_>) = heard
        .into_iter()
        .partition(|heard| [429, 503].contains(&heard.status));
    for heard in &refused {
        assert!(heard.head.contains("retry-after"), "{}", heard.head);
    }
    for heard in &hashed {
        assert_eq!(heard.status, 401, "{}", heard.head);
    }
    assert!(!refused.is_empty() && !hashed.is_empty());
    println!(
        "{} logins at once, {} of them refused; others without them: {without:?}, with them: \
         {with:?}; memory {before} MB, {after} MB",
        times(100),
        refused.len(),
    );
}

/// Asks so often in a second, whatever comes of it; the status of each answer, and how long it
/// took.
async fn offer(scene: &Scene, per_second: usize) -> Vec<(u16, Duration)> {
    /// More than are under way at a time, so that nobody waits for a connection.
    const WIRES: usize = 1_500;
    let due = Arc::new(Semaphore::new(0));
    let mut wires = JoinSet::new();
    for _ in 0..WIRES {
        let (mut wire, due) = (scene.wire().await, Arc::clone(&due));
        wires.spawn(async move {
            let mut heard = Vec::new();
            while let Ok(turn) = due.acquire().await {
                turn.forget();
                let answer = wire.ask().await;
                if answer.status != 200 {
                    assert_eq!(answer.status, 503);
                    assert!(answer.head.contains("retry-after: 1"), "{}", answer.head);
                }
                heard.push((answer.status, answer.took));
            }
            heard
        });
    }
    let mut ticks = interval(Duration::from_millis(10));
    for _ in 0..times(1) * 100 {
        ticks.tick().await;
        due.add_permits(per_second / 100);
    }
    due.close();
    wires.join_all().await.into_iter().flatten().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_too_much_is_refused_early_and_the_rest_is_served() {
    let few = [
        ("TENANTRY__LIMITS__REQUESTS_AT_ONCE", "32"),
        ("TENANTRY__LIMITS__REQUESTS_AT_ONCE_ORGANIZATION", "32"),
    ];
    let scene = Scene::new(&few).await;
    // As many as the server can do, each asking when he was answered.
    let begun = Instant::now();
    let seconds = Duration::from_secs(times(1) as u64);
    let asked = (0..16).map(|_| async {
        let mut wire = scene.wire().await;
        let mut answered = 0;
        while begun.elapsed() < seconds {
            assert_eq!(wire.ask().await.status, 200);
            answered += 1;
        }
        answered
    });
    let answered: usize = join_all(asked).await.into_iter().sum();
    let capacity = answered / times(1);

    let begun = Instant::now();
    let answers = offer(&scene, 5 * capacity).await;
    let seconds = begun.elapsed().as_secs_f64();
    let (good, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|it| it.0 == 200);
    assert!(!good.is_empty());
    let good = good.len() as f64 / seconds;
    let refused: Vec<_> = refused.into_iter().map(|(_, took)| took).collect();
    println!(
        "capacity {capacity} a second; five times as many offered: {:.0} answered a second, \
         {good:.0} of them well, refusals {:?}",
        good + refused.len() as f64 / seconds,
        Waits::of(refused),
    );
}
