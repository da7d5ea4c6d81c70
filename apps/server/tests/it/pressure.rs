//! What callers notice of others who mean no good, or are too many: measured beside what they
//! notice without them, and printed. What is asserted is never a time.
//!
//! `TENANTRY_PRESSURE` multiplies numbers and times; a test run has time for 1.

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

/// A server on Postgres, and somebody with an organization on it.
struct Scene {
    database: TestDatabase,
    server: ServerProcess,
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

    /// Somebody of the organization, on connections of his own.
    fn ada(&self) -> ApiClient {
        let client = ApiClient::new(self.server.url());
        client.set_cookie(&self.cookie);
        client
    }

    /// A connection of somebody of the organization who asks for its projects.
    async fn wire(&self) -> RawConnection {
        wire(&self.ada().address(), &self.cookie).await
    }

    /// Connections of so many who try to log in.
    async fn attempts(&self, number: usize) -> Vec<RawConnection> {
        let address = self.ada().address();
        let attempts = (0..number).map(async |n| {
            let email = format!("nobody{n}@example.com");
            let login = json!({"email": email, "password": "wrong password"});
            let path = "/api/auth/login";
            RawConnection::open(&address, "POST", path, "", &login.to_string()).await
        });
        join_all(attempts).await
    }

    /// How long a few well-behaved callers wait for their answers, until they are told to stop.
    fn callers(&self) -> Callers {
        let stop = Arc::<AtomicBool>::default();
        let (address, cookie) = (self.ada().address(), self.cookie.clone());
        let stopped = Arc::clone(&stop);
        // A thread of their own, or they would wait for the others who ask, and not for answers.
        let callers = thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build();
            let callers = (0..4).map(|_| caller(&address, &cookie, &stopped));
            let took = runtime.expect("a runtime").block_on(join_all(callers));
            Waits::of(took.into_iter().flatten().collect())
        });
        Callers { stop, callers }
    }

    async fn alone(&self) -> Waits {
        let callers = self.callers();
        sleep(Duration::from_secs(times(1) as u64)).await;
        callers.end()
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

async fn wire(address: &str, cookie: &str) -> RawConnection {
    let cookie = format!("Cookie: {cookie}\r\n");
    RawConnection::open(address, "GET", "/api/projects", &cookie, "").await
}

async fn caller(address: &str, cookie: &str, stop: &AtomicBool) -> Vec<Duration> {
    let mut wire = wire(address, cookie).await;
    let mut took = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let heard = wire.send().await;
        assert_eq!(heard.status, 200);
        took.push(heard.took);
        sleep(Duration::from_millis(5)).await;
    }
    took
}

struct Callers {
    stop: Arc<AtomicBool>,
    callers: JoinHandle<Waits>,
}

impl Callers {
    fn end(self) -> Waits {
        self.stop.store(true, Ordering::Relaxed);
        self.callers.join().expect("each was answered")
    }
}

/// The waits of many.
#[derive(Debug)]
#[expect(dead_code, reason = "printed")]
struct Waits {
    requests: usize,
    p50: Duration,
    p99: Duration,
    slowest: Duration,
}

impl Waits {
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

/// Where those run who mean no good. They have machines of their own, so what they take of this one
/// is what the others leave (on Linux).
fn elsewhere() -> Runtime {
    let threads = Builder::new_multi_thread()
        .worker_threads(2)
        .on_thread_start(|| {
            #[cfg(target_os = "linux")]
            rustix::process::nice(19).expect("anybody may step back");
        })
        .enable_all()
        .build();
    threads.expect("a runtime")
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
        let listened = timeout(BETWEEN_BYTES, stream.read(&mut heard)).await;
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
    let callers = scene.callers();
    let elsewhere = elsewhere();
    let clients = (0..times(100)).map(|n| {
        // Each in a moment of his own: so many who send a byte in the same one are another attack.
        let turn = BETWEEN_BYTES * n as u32 / times(100) as u32;
        let address = address.clone();
        elsewhere.spawn(async move {
            sleep(turn).await;
            slow_client(address).await
        })
    });
    let clients: Vec<_> = clients.collect();
    let cut = join_all(clients).await;
    let with = callers.end();
    elsewhere.shutdown_background();
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
    let mut attempts = scene.attempts(times(100)).await;
    let callers = scene.callers();
    let heard = join_all(attempts.iter_mut().map(RawConnection::send)).await;
    let after = scene.memory();
    let with = callers.end();
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

/// What became of many requests.
#[derive(Debug)]
#[expect(dead_code, reason = "printed")]
struct Outcome {
    answered_well_per_second: usize,
    refusals: Waits,
}

impl Outcome {
    fn of(answers: Vec<(u16, Duration)>, took: Duration) -> Self {
        let (well, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|it| it.0 == 200);
        assert!(!well.is_empty());
        Self {
            answered_well_per_second: (well.len() as f64 / took.as_secs_f64()) as usize,
            refusals: Waits::of(refused.into_iter().map(|(_, took)| took).collect()),
        }
    }
}

/// The status of an answer, which is a good one or a refusal for want of room, and how long it took.
async fn ask(wire: &mut RawConnection) -> (u16, Duration) {
    let answer = wire.send().await;
    if answer.status != 200 {
        assert_eq!(answer.status, 503);
        assert!(answer.head.contains("retry-after: 1"), "{}", answer.head);
    }
    (answer.status, answer.took)
}

/// Asks over so many connections, over each again as soon as it was answered.
async fn press(scene: &Scene, connections: usize) -> Outcome {
    let mut wires = Vec::new();
    for _ in 0..connections {
        wires.push(scene.wire().await);
    }
    let begun = Instant::now();
    let end = begun + Duration::from_secs(times(1) as u64);
    let asked = wires.into_iter().map(|mut wire| async move {
        let mut answers = Vec::new();
        while Instant::now() < end {
            answers.push(ask(&mut wire).await);
        }
        answers
    });
    let asked: JoinSet<_> = asked.collect();
    let answers = asked.join_all().await.into_iter().flatten().collect();
    Outcome::of(answers, begun.elapsed())
}

/// Asks so often in a second, whatever comes of it, as far as the connections carry it: what they don't
/// is never sent.
async fn offer(scene: &Scene, per_second: usize) -> Outcome {
    const WIRES: usize = 1_500;
    let due = Arc::new(Semaphore::new(0));
    let mut wires = JoinSet::new();
    for _ in 0..WIRES {
        let (mut wire, due) = (scene.wire().await, Arc::clone(&due));
        wires.spawn(async move {
            let mut answers = Vec::new();
            while let Ok(turn) = due.acquire().await {
                turn.forget();
                answers.push(ask(&mut wire).await);
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
        "offered {} in all, {unsent} of them for want of a connection not",
        times(1) * per_second
    );
    let answers = wires.join_all().await.into_iter().flatten().collect();
    Outcome::of(answers, begun.elapsed())
}

/// As many as the server can do, and then five times as many, on as many connections or each in his
/// own time.
async fn overload(places: usize) {
    let at_once = places.to_string();
    let scene = Scene::new(&[
        ("TENANTRY__LIMITS__REQUESTS_AT_ONCE", &at_once),
        ("TENANTRY__LIMITS__REQUESTS_AT_ONCE_ORGANIZATION", &at_once),
    ])
    .await;
    for n in 0..20 {
        let project = json!({"name": format!("Project {n}")});
        let made = scene.ada().post("/api/projects", project).send().await;
        made.expect(201);
    }
    let capacity = press(&scene, places).await;
    println!("{places} connections for {places} places: {capacity:?}");
    let connections = press(&scene, 5 * places).await;
    println!("five times as many connections: {connections:?}");
    let requests = offer(&scene, 5 * capacity.answered_well_per_second).await;
    println!("five times as many requests a second: {requests:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_too_much_is_refused_early_and_the_rest_is_served() {
    overload(32).await;
    overload(ConcurrencyLimits::default().requests).await;
}

/// Two workers, and one of them has somebody who waits for a lock: what callers on four connections are
/// told, as soon as one of them is refused.
async fn beside_one_who_waits(requests: &str, organization: &str) -> Vec<u16> {
    let scene = Scene::new(&[
        ("TENANTRY__LIMITS__REQUESTS_AT_ONCE", requests),
        (
            "TENANTRY__LIMITS__REQUESTS_AT_ONCE_ORGANIZATION",
            organization,
        ),
    ])
    .await;
    let lock = "BEGIN; LOCK TABLE projects IN EXCLUSIVE MODE";
    scene.database.execute(lock).await;
    let ada = scene.ada();
    let waits = async {
        let new = json!({"name": "Held up"});
        ada.post("/api/projects", new).send().await.expect(201)
    };
    let meanwhile = async {
        // They are given to the workers in turn.
        let mut wires = join_all((0..4).map(|_| scene.wire())).await;
        let mut statuses = Vec::new();
        for _ in 0..100 {
            statuses.clear();
            for wire in &mut wires {
                statuses.push(wire.send().await.status);
            }
            if statuses.iter().any(|status| *status != 200) {
                break;
            }
            sleep(Duration::from_millis(10)).await;
        }
        scene.database.execute("COMMIT").await;
        statuses
    };
    tokio::join!(waits, meanwhile).1
}

/// Else a place that one worker gives back would lie idle until the other looks.
#[tokio::test]
async fn each_worker_has_its_own_part_of_the_places() {
    let told = beside_one_who_waits("2", "2").await;
    assert!(told.contains(&503) && told.contains(&200), "{told:?}");
}

/// Else an organization could take all places of a worker.
#[tokio::test]
async fn each_worker_has_its_own_part_of_an_organizations_places() {
    let told = beside_one_who_waits("4", "2").await;
    assert!(told.contains(&429) && told.contains(&200), "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_waits_to_be_let_in_leaves_places_to_others() {
    let four = [
        ("TENANTRY__SERVER__WORKERS", "1"),
        ("TENANTRY__LIMITS__REQUESTS_AT_ONCE", "4"),
        ("TENANTRY__LIMITS__REQUESTS_AT_ONCE_ORGANIZATION", "4"),
    ];
    let scene = Scene::new(&four).await;
    let mut other = scene.wire().await;
    let mut attempts = scene.attempts(5).await;
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
    assert!(attempts.iter().any(|heard| heard.status == 401));
}
