//! Restarts and shutdowns lose no request, and the server recovers from a database outage.
//!
//! `TENANTRY_OUTAGES` sets the number of outages; the default is two.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::json;
use tenantry_testkit::{Answer, ApiClient, DedicatedPostgres, each_database};
use tokio::{task::JoinSet, time::sleep};

use crate::support::{Program, SECRET, ServerProcess, UNLIMITED};

const CLIENTS: usize = 6;

fn outages() -> usize {
    let outages = std::env::var("TENANTRY_OUTAGES").ok();
    outages.map_or(2, |text| text.parse().expect("a number"))
}

fn terminate(server: &ServerProcess) {
    let kill = Command::new("kill")
        .arg(server.child.id().to_string())
        .status();
    assert!(kill.expect("kill is available").success());
}

async fn is_ready(url: &str) -> bool {
    let answer = ApiClient::new(url).get("/health/ready").try_send().await;
    answer.is_ok_and(|answer| answer.status == 200)
}

async fn until_ready(url: &str) {
    while !is_ready(url).await {
        sleep(Duration::from_millis(10)).await;
    }
}

/// A new user with an organization. Returns the session cookie.
async fn sign_up(url: &str) -> String {
    let client = ApiClient::new(url);
    let account = json!({
        "email": "ada@example.com", "name": "Ada", "password": "correct horse battery",
    });
    client
        .post("/api/auth/signup", account)
        .send()
        .await
        .expect(201);
    let organization = json!({"name": "Acme", "slug": "acme"});
    client
        .post("/api/organizations", organization)
        .send()
        .await
        .expect(201);
    client.cookies().expect("a session")
}

/// Directs requests to ready servers.
struct Balancer {
    ready: Mutex<Vec<String>>,
    next: AtomicUsize,
}

impl Balancer {
    /// Polls the readiness of all servers.
    async fn poll_loop(self: Arc<Self>, urls: Vec<String>) {
        loop {
            let mut ready = Vec::new();
            for url in &urls {
                if is_ready(url).await {
                    ready.push(url.clone());
                }
            }
            *self.ready.lock().expect("not poisoned") = ready;
            sleep(Duration::from_millis(20)).await;
        }
    }

    fn pick(&self) -> Option<String> {
        let ready = self.ready.lock().expect("not poisoned");
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        ready.get(next % ready.len().max(1)).cloned()
    }
}

/// A response, or an error without one.
type Outcome = Result<Answer, String>;

/// Several clients that send requests until they are stopped. Counts successes and collects
/// everything else.
struct Load {
    stop: Arc<AtomicBool>,
    good: Arc<AtomicUsize>,
    clients: JoinSet<Vec<(Outcome, Duration)>>,
}

impl Load {
    fn begin(urls: &[String], balancer: &Arc<Balancer>, cookie: &str) -> Self {
        let (stop, good) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let mut clients = JoinSet::new();
        for n in 0..CLIENTS {
            let (stop, good) = (Arc::clone(&stop), Arc::clone(&good));
            let balancer = Arc::clone(balancer);
            // Each keeps its connections, as a load balancer does.
            let servers: Vec<_> = urls
                .iter()
                .map(|url| (url.clone(), ApiClient::new(url)))
                .collect();
            servers
                .iter()
                .for_each(|(_, client)| client.set_cookies(cookie));
            clients.spawn(async move {
                let mut bad = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let Some(url) = balancer.pick() else {
                        sleep(Duration::from_millis(1)).await;
                        continue;
                    };
                    let server = servers.iter().find(|(known, _)| *known == url);
                    let (_, client) = server.expect("a known server");
                    let begun = Instant::now();
                    let call = if n % 2 == 0 {
                        client.get("/api/projects")
                    } else {
                        client.post("/api/projects", json!({"name": "Note"}))
                    };
                    match call.try_send().await {
                        Ok(answer) if answer.status < 300 => {
                            good.fetch_add(1, Ordering::Relaxed);
                        }
                        Ok(answer) => bad.push((Ok(answer), begun.elapsed())),
                        Err(error) => bad.push((Err(format!("{error:?}")), begun.elapsed())),
                    }
                    sleep(Duration::from_millis(5)).await;
                }
                bad
            });
        }
        Self {
            stop,
            good,
            clients,
        }
    }

    fn good(&self) -> usize {
        self.good.load(Ordering::Relaxed)
    }

    /// Waits for some more successful responses.
    async fn some_more(&self) {
        let enough = self.good() + 4 * CLIENTS;
        while self.good() < enough {
            sleep(Duration::from_millis(5)).await;
        }
    }

    async fn end(self) -> Vec<(Outcome, Duration)> {
        self.stop.store(true, Ordering::Relaxed);
        self.clients
            .join_all()
            .await
            .into_iter()
            .flatten()
            .collect()
    }
}

fn free_port() -> String {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    taken.local_addr().expect("bound").port().to_string()
}

each_database! {
    async fn a_rolling_restart_fails_no_request(db: TestDatabase) {
        let program = |port: &str| {
            Program::on(&db)
                .with("TENANTRY__SERVER__WORKERS", "2")
                .with("TENANTRY__SERVER__DRAIN_SECONDS", "5")
                .with("TENANTRY__SERVER__PORT", port)
        };
        let programs = [free_port(), free_port()].map(|port| program(&port));
        let mut servers = Vec::new();
        for program in &programs {
            servers.push(ServerProcess::start(program, "saas"));
        }
        let urls: Vec<_> = servers.iter().map(|server| server.url().to_owned()).collect();
        for url in &urls {
            until_ready(url).await;
        }
        let cookie = sign_up(&urls[0]).await;

        let balancer = Arc::new(Balancer { ready: Mutex::new(urls.clone()), next: AtomicUsize::new(0) });
        let polling = tokio::spawn(Arc::clone(&balancer).poll_loop(urls.clone()));
        let load = Load::begin(&urls, &balancer, &cookie);
        load.some_more().await;
        for (n, program) in programs.iter().enumerate() {
            terminate(&servers[n]);
            let end = loop {
                if let Some(end) = servers[n].child.try_wait().expect("a child process") {
                    break end;
                }
                sleep(Duration::from_millis(5)).await;
            };
            assert_eq!(end.code(), Some(0));
            load.some_more().await;
            servers[n] = ServerProcess::start(program, "saas");
            until_ready(&urls[n]).await;
            load.some_more().await;
        }
        let good = load.good();
        let bad = load.end().await;
        polling.abort();
        assert!(bad.is_empty(), "{} of {}: {:#?}", bad.len(), bad.len() + good, bad.first());
        println!("{:?}: {good} requests during two restarts, none failed", db.backend());
    }

    async fn a_draining_server_is_not_ready_but_responds(db: TestDatabase) {
        let program = Program::on(&db)
            .with("TENANTRY__SERVER__PORT", "0")
            .with("TENANTRY__SERVER__DRAIN_SECONDS", "30");
        let server = ServerProcess::start(&program, "saas");
        until_ready(server.url()).await;
        terminate(&server);
        let client = ApiClient::new(server.url());
        let reasons = loop {
            let answer = client.get("/health/ready").send().await;
            if answer.status == 503 {
                break answer.json()["reasons"].clone();
            }
        };
        assert_eq!(reasons, json!(["draining"]));
        client.get("/health/live").send().await.expect(200);
        let answer = client.get("/api/auth/me").send().await.expect(401);
        assert_eq!(answer.header("connection"), Some("close"));
    }

    async fn a_request_in_flight_at_shutdown_is_completed(db: TestDatabase) {
        let program = Program::on(&db).with("TENANTRY__SERVER__PORT", "0");
        let mut server = ServerProcess::start(&program, "saas");
        let address = ApiClient::new(server.url()).address();
        let login = r#"{"email": "ada@example.com", "password": "wrong password"}"#;
        let mut stream = TcpStream::connect(&address).expect("the server listens");
        let head = format!(
            "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
            login.len(),
        );
        stream.write_all(head.as_bytes()).expect("sent");
        let mut interim = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
        stream.read_exact(&mut interim).expect("the server waits for the body");
        terminate(&server);
        while TcpStream::connect(&address).is_ok() {
            sleep(Duration::from_millis(5)).await;
        }
        stream.write_all(login.as_bytes()).expect("the server still reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
        assert_eq!(server.child.wait().expect("a child process").code(), Some(0));
    }

    async fn buffered_access_events_are_recorded_at_shutdown(db: TestDatabase) {
        let program = Program::on(&db)
            .with("TENANTRY__SERVER__PORT", "0")
            .with("TENANTRY__EVENTS__ACCESS_SECONDS", "3600");
        let mut server = ServerProcess::start(&program, "saas");
        sign_up(server.url()).await;
        let wrong = json!({"email": "ada@example.com", "password": "incorrect horse battery"});
        for _ in 0..2 {
            let login = ApiClient::new(server.url()).post("/api/auth/login", &wrong);
            login.send().await.expect(401);
        }
        let failures = "SELECT count(*) AS n FROM event_log WHERE name = 'users.sign_in_failed'";
        assert_eq!(db.number(failures).await, 0);
        terminate(&server);
        assert_eq!(server.child.wait().expect("a child process").code(), Some(0));
        assert_eq!(db.number(failures).await, 1);
    }
}

/// The read and write pools of two workers and of background work, and the connection that
/// listens for events.
const MAX_CONNECTIONS: u64 = 2 * 3 * 2 + 1;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_outage_is_a_503_and_recovers_without_a_restart() {
    let postgres = Arc::new(DedicatedPostgres::start().await);
    let program = UNLIMITED
        .into_iter()
        .fold(Program::bare(), |program, (name, value)| {
            program.with(name, value)
        });
    let program = program
        .with("DATABASE_URL", &postgres.url())
        .with("TENANTRY__SESSION__SECRET", SECRET)
        .with("TENANTRY__SERVER__WORKERS", "2")
        .with("TENANTRY__SERVER__PORT", "0");
    let mut server = ServerProcess::start(&program, "saas");
    let url = server.url().to_owned();
    let urls = vec![url.clone()];
    until_ready(&url).await;
    let cookie = sign_up(&url).await;
    let balancer = Arc::new(Balancer {
        ready: Mutex::new(urls.clone()),
        next: AtomicUsize::new(0),
    });
    let load = Load::begin(&urls, &balancer, &cookie);

    let mut slowest_recovery = Duration::ZERO;
    for _ in 0..outages() {
        load.some_more().await;
        let stopped = Arc::clone(&postgres);
        tokio::task::spawn_blocking(move || stopped.stop())
            .await
            .expect("it stops");
        while is_ready(&url).await {}
        let restarted = Arc::clone(&postgres);
        tokio::task::spawn_blocking(move || restarted.restart())
            .await
            .expect("it starts");
        let begun = Instant::now();
        until_ready(&url).await;
        load.some_more().await;
        slowest_recovery = slowest_recovery.max(begun.elapsed());
    }
    let good = load.good();
    let bad = load.end().await;
    let mut slowest = Duration::ZERO;
    for (outcome, took) in &bad {
        let answer = outcome.as_ref().expect("an answer");
        assert_eq!(answer.status, 503, "{answer}");
        assert!(answer.header("retry-after").is_some(), "{answer}");
        slowest = slowest.max(*took);
    }
    assert!(!bad.is_empty(), "no request hit the outage");
    assert!(
        server.child.try_wait().expect("a child process").is_none(),
        "the process was restarted"
    );
    let connections = postgres.connections().await;
    assert!(connections <= MAX_CONNECTIONS, "{connections}");
    println!(
        "{} outages: {good} successes, {} rejections, the slowest after {slowest:?}; recovered \
         after {slowest_recovery:?} at most; {connections} connections",
        outages(),
        bad.len(),
    );
}
