//! Response times under attack or overload, printed next to a baseline without it. Times are
//! never asserted.
//!
//! `TENANTRY_PRESSURE` multiplies numbers and times; the default is 1.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use serde_json::json;
use tenantry_http::ConcurrencyLimits;
use tenantry_testkit::{ApiClient, Backend, TestDatabase};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    runtime::{Builder, Runtime},
    sync::Semaphore,
    task::JoinSet,
    time::{interval, sleep, timeout},
};

use crate::support::{Program, RawConnection, ServerProcess};

fn times(number: usize) -> usize {
    let times = std::env::var("TENANTRY_PRESSURE").ok();
    number * times.map_or(1, |text| text.parse::<usize>().expect("a number"))
}

/// A server on Postgres, and a user with an organization.
struct Fixture {
    database: TestDatabase,
    server: ServerProcess,
    cookie: String,
}

impl Fixture {
    async fn new(variables: &[(&str, &str)]) -> Self {
        let database = TestDatabase::new(Backend::Postgres).await;
        let program = Program::on(&database)
            .with("TENANTRY__SERVER__PORT", "0")
            .with("TENANTRY__SERVER__WORKERS", "2")
            // All attackers come from this machine.
            .with("TENANTRY__LIMITS__CONNECTIONS_ADDRESS", "1000000")
            // This machine is at its limit on purpose, and the server waits for it, too.
            .with("TENANTRY__DATABASE__IDLE_TRANSACTION_SECONDS", "10")
            .with("RUST_LOG", "error");
        let program = variables
            .iter()
            .fold(program, |program, (name, value)| program.with(name, value));
        let server = ServerProcess::start(&program, "saas");
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
            database,
            server,
            cookie,
        }
    }

    /// A client of the user, with its own connections.
    fn ada(&self) -> ApiClient {
        let client = ApiClient::new(self.server.url());
        client.set_cookies(&self.cookie);
        client
    }

    /// A connection of the user that lists the projects.
    async fn connection(&self) -> RawConnection {
        connection(&self.ada().address(), &self.cookie).await
    }

    /// Connections that attempt a login.
    async fn attempts(&self, number: usize) -> Vec<RawConnection> {
        let address = self.ada().address();
        let attempts = (0..number).map(async |n| {
            let email = format!("unknown{n}@example.com");
            let login = json!({"email": email, "password": "wrong password"});
            let path = "/api/auth/login";
            RawConnection::open(&address, "POST", path, "", &login.to_string()).await
        });
        join_all(attempts).await
    }

    /// Starts a few well-behaved callers that measure their latency until they are stopped.
    fn callers(&self) -> Callers {
        let stop = Arc::<AtomicBool>::default();
        let (address, cookie) = (self.ada().address(), self.cookie.clone());
        let stopped = Arc::clone(&stop);
        // A separate thread, so that other clients in this process do not add latency.
        let callers = thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build();
            let callers = (0..4).map(|_| caller(&address, &cookie, &stopped));
            let took = runtime.expect("a runtime").block_on(join_all(callers));
            Latencies::of(took.into_iter().flatten().collect())
        });
        Callers { stop, callers }
    }

    async fn baseline(&self) -> Latencies {
        let callers = self.callers();
        sleep(Duration::from_secs(times(1) as u64)).await;
        callers.end()
    }

    /// The resident memory in MB, where `/proc` exists.
    fn memory(&self) -> u64 {
        let file = format!("/proc/{}/status", self.server.child.id());
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kilobytes.unwrap_or_default() / 1024
    }
}

async fn connection(address: &str, cookie: &str) -> RawConnection {
    let cookie = format!("Cookie: {cookie}\r\n");
    RawConnection::open(address, "GET", "/api/projects", &cookie, "").await
}

async fn caller(address: &str, cookie: &str, stop: &AtomicBool) -> Vec<Duration> {
    let mut connection = connection(address, cookie).await;
    let mut took = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let response = connection.send().await;
        assert_eq!(response.status, 200);
        took.push(response.took);
        sleep(Duration::from_millis(5)).await;
    }
    took
}

struct Callers {
    stop: Arc<AtomicBool>,
    callers: JoinHandle<Latencies>,
}

impl Callers {
    fn end(self) -> Latencies {
        self.stop.store(true, Ordering::Relaxed);
        self.callers.join().expect("every request succeeded")
    }
}

/// The latencies of many requests.
#[derive(Debug)]
#[expect(dead_code, reason = "printed")]
struct Latencies {
    requests: usize,
    p50: Duration,
    p99: Duration,
    slowest: Duration,
}

impl Latencies {
    fn of(mut took: Vec<Duration>) -> Self {
        took.sort_unstable();
        let at = |percent: usize| took.get(took.len() * percent / 100).copied();
        Self {
            requests: took.len(),
            p50: at(50).unwrap_or_default(),
            p99: at(99).unwrap_or_default(),
            slowest: took.last().copied().unwrap_or_default(),
        }
    }
}

const BETWEEN_BYTES: Duration = Duration::from_millis(500);

/// A runtime for attackers. A real attacker runs on another machine, so its threads get the lowest
/// priority here (on Linux).
pub(crate) fn attacker_runtime() -> Runtime {
    let threads = Builder::new_multi_thread()
        .worker_threads(2)
        .on_thread_start(|| {
            #[cfg(target_os = "linux")]
            rustix::process::nice(19).expect("lowering the priority is allowed");
        })
        .enable_all()
        .build();
    threads.expect("a runtime")
}

/// Sends a request head byte by byte until the server disconnects. Returns the time that took.
async fn slow_client(address: String) -> Duration {
    let mut stream = TcpStream::connect(address)
        .await
        .expect("the server listens");
    let begun = Instant::now();
    drop(stream.write_all(b"GET /api/projects HTTP/1.1\r\nX: ").await);
    let mut buffer = [0; 1024];
    loop {
        let read = timeout(BETWEEN_BYTES, stream.read(&mut buffer)).await;
        match read {
            Ok(Ok(0) | Err(_)) => return begun.elapsed(),
            Ok(Ok(_)) => {}
            Err(_) => drop(stream.write_all(b"x").await),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_clients_are_disconnected_and_other_requests_served() {
    let fixture = Fixture::new(&[]).await;
    let without = fixture.baseline().await;
    let address = fixture.ada().address();
    let callers = fixture.callers();
    let attackers = attacker_runtime();
    let clients = (0..times(100)).map(|n| {
        // Staggered: many bytes at the same moment would be a different attack.
        let turn = BETWEEN_BYTES * n as u32 / times(100) as u32;
        let address = address.clone();
        attackers.spawn(async move {
            sleep(turn).await;
            slow_client(address).await
        })
    });
    let clients: Vec<_> = clients.collect();
    let durations = join_all(clients).await;
    let with = callers.end();
    attackers.shutdown_background();
    let durations = durations.into_iter().map(|took| took.expect("no panic"));
    println!(
        "{} slow clients, the last disconnected after {:?}; others without them: {without:?}, with \
         them: {with:?}; {} MB",
        times(100),
        durations.max(),
        fixture.memory(),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn excess_concurrent_logins_are_rejected_and_other_requests_served() {
    let fixture = Fixture::new(&[]).await;
    let without = fixture.baseline().await;
    let before = fixture.memory();
    let mut attempts = fixture.attempts(times(100)).await;
    let callers = fixture.callers();
    let response = join_all(attempts.iter_mut().map(RawConnection::send)).await;
    let after = fixture.memory();
    let with = callers.end();
    let (rejected, hashed): (Vec<_>, Vec<_>) = response
        .into_iter()
        .partition(|response| [429, 503].contains(&response.status));
    for response in &rejected {
        assert!(response.head.contains("retry-after"), "{}", response.head);
    }
    for response in &hashed {
        assert_eq!(response.status, 401, "{}", response.head);
    }
    assert!(!rejected.is_empty() && !hashed.is_empty());
    println!(
        "{} concurrent logins, {} of them rejected; others without them: {without:?}, with them: \
         {with:?}; memory {before} MB, {after} MB",
        times(100),
        rejected.len(),
    );
}

/// The outcome of many requests.
#[derive(Debug)]
#[expect(dead_code, reason = "printed")]
struct Outcome {
    successes_per_second: usize,
    rejections: Latencies,
}

impl Outcome {
    fn of(answers: Vec<(u16, Duration)>, took: Duration) -> Self {
        let (successes, rejected): (Vec<_>, Vec<_>) =
            answers.into_iter().partition(|it| it.0 == 200);
        assert!(!successes.is_empty());
        Self {
            successes_per_second: (successes.len() as f64 / took.as_secs_f64()) as usize,
            rejections: Latencies::of(rejected.into_iter().map(|(_, took)| took).collect()),
        }
    }
}

/// Sends the request. Returns the status, 200 or 503, and the time that it took.
async fn send(connection: &mut RawConnection) -> (u16, Duration) {
    let answer = connection.send().await;
    if answer.status != 200 {
        assert_eq!(answer.status, 503);
        assert!(answer.head.contains("retry-after: 1"), "{}", answer.head);
    }
    (answer.status, answer.took)
}

/// Closed loop: each connection sends the next request as soon as the last one completed.
async fn closed_loop(fixture: &Fixture, number: usize) -> Outcome {
    let mut connections = Vec::new();
    for _ in 0..number {
        connections.push(fixture.connection().await);
    }
    let begun = Instant::now();
    let end = begun + Duration::from_secs(times(1) as u64);
    let tasks = connections.into_iter().map(|mut connection| async move {
        let mut answers = Vec::new();
        while Instant::now() < end {
            answers.push(send(&mut connection).await);
        }
        answers
    });
    let tasks: JoinSet<_> = tasks.collect();
    let answers = tasks.join_all().await.into_iter().flatten().collect();
    Outcome::of(answers, begun.elapsed())
}

/// Open loop: sends at a fixed rate, as far as free connections allow; the rest is not sent.
async fn open_loop(fixture: &Fixture, per_second: usize) -> Outcome {
    const CONNECTIONS: usize = 1_500;
    let due = Arc::new(Semaphore::new(0));
    let mut connections = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (address, cookie) = (fixture.ada().address(), fixture.cookie.clone());
        let due = Arc::clone(&due);
        connections.spawn(async move {
            // Opened when first needed: the server closes one that sends nothing.
            let mut opened = None;
            let mut answers = Vec::new();
            while let Ok(turn) = due.acquire().await {
                turn.forget();
                let connection = match &mut opened {
                    Some(connection) => connection,
                    None => opened.insert(connection(&address, &cookie).await),
                };
                answers.push(send(connection).await);
            }
            answers
        });
    }
    let begun = Instant::now();
    let mut ticks = interval(Duration::from_millis(10));
    for _ in 0..times(1) * 100 {
        ticks.tick().await;
        due.add_permits(per_second / 100);
    }
    let unsent = due.available_permits();
    due.close();
    println!(
        "{} requests due, {unsent} of them not sent for lack of a connection",
        times(1) * per_second
    );
    let answers = connections.join_all().await.into_iter().flatten().collect();
    Outcome::of(answers, begun.elapsed())
}

/// Measures the server's capacity, then five times that load, as closed and as open loop.
async fn overload(permits: usize) {
    let limit = permits.to_string();
    let fixture = Fixture::new(&[
        ("TENANTRY__LIMITS__REQUESTS_AT_ONCE", &limit),
        ("TENANTRY__LIMITS__REQUESTS_AT_ONCE_ORGANIZATION", &limit),
    ])
    .await;
    for n in 0..20 {
        let project = json!({"name": format!("Project {n}")});
        let made = fixture.ada().post("/api/projects", project).send().await;
        made.expect(201);
    }
    let capacity = closed_loop(&fixture, permits).await;
    println!("{permits} connections for {permits} permits: {capacity:?}");
    let connections = closed_loop(&fixture, 5 * permits).await;
    println!("five times as many connections: {connections:?}");
    let requests = open_loop(&fixture, 5 * capacity.successes_per_second).await;
    println!("five times as many requests a second: {requests:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn overload_is_rejected_early_and_the_rest_is_served() {
    overload(32).await;
    overload(ConcurrencyLimits::default().requests).await;
}

/// With two workers, one of them with a request that waits for a lock: the statuses on four
/// connections once at least one of them is rejected.
async fn statuses_beside_a_blocked_request(requests: &str, organization: &str) -> Vec<u16> {
    let fixture = Fixture::new(&[
        ("TENANTRY__LIMITS__REQUESTS_AT_ONCE", requests),
        (
            "TENANTRY__LIMITS__REQUESTS_AT_ONCE_ORGANIZATION",
            organization,
        ),
    ])
    .await;
    let lock = "BEGIN; LOCK TABLE projects IN EXCLUSIVE MODE";
    fixture.database.execute(lock).await;
    let ada = fixture.ada();
    let blocked = async {
        let new = json!({"name": "Blocked"});
        ada.post("/api/projects", new).send().await.expect(201)
    };
    let others = async {
        // Connections are distributed to the workers in turn.
        let mut connections = join_all((0..4).map(|_| fixture.connection())).await;
        let mut statuses = Vec::new();
        for _ in 0..100 {
            statuses.clear();
            for connection in &mut connections {
                statuses.push(connection.send().await.status);
            }
            if statuses.iter().any(|status| *status != 200) {
                break;
            }
            sleep(Duration::from_millis(10)).await;
        }
        fixture.database.execute("COMMIT").await;
        statuses
    };
    tokio::join!(blocked, others).1
}

/// A shared permit freed by one worker would idle until the other worker's next wake-up.
#[tokio::test]
async fn each_worker_has_its_own_permits() {
    let statuses = statuses_beside_a_blocked_request("2", "2").await;
    assert!(
        statuses.contains(&503) && statuses.contains(&200),
        "{statuses:?}"
    );
}

/// Otherwise one tenant could take all permits of a worker.
#[tokio::test]
async fn each_worker_has_its_own_tenant_permits() {
    let statuses = statuses_beside_a_blocked_request("4", "2").await;
    assert!(
        statuses.contains(&429) && statuses.contains(&200),
        "{statuses:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pending_logins_hold_no_request_permits() {
    let four = [
        ("TENANTRY__SERVER__WORKERS", "1"),
        ("TENANTRY__LIMITS__REQUESTS_AT_ONCE", "4"),
        ("TENANTRY__LIMITS__REQUESTS_AT_ONCE_ORGANIZATION", "4"),
    ];
    let fixture = Fixture::new(&four).await;
    let mut other = fixture.connection().await;
    let mut attempts = fixture.attempts(5).await;
    let attempts = join_all(attempts.iter_mut().map(RawConnection::send));
    let others = async {
        let mut statuses = Vec::new();
        for _ in 0..20 {
            statuses.push(other.send().await.status);
        }
        statuses
    };
    let (attempts, others) = tokio::join!(attempts, others);
    assert_eq!(others, [200; 20]);
    assert!(attempts.iter().any(|response| response.status == 401));
}
