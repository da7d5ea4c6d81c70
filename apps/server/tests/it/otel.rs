//! A build with the feature `otel`: each request is traced, without its content.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::Command,
    sync::mpsc::{Receiver, Sender, channel},
    thread,
};

use serde_json::json;
use tenantry_testkit::{Backend, TestDatabase};

use crate::support::{Program, ServerProcess};

/// A collector that accepts everything.
struct Collector {
    url: String,
    sent: Receiver<(String, Vec<u8>)>,
}

impl Collector {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let (sender, sent) = channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let sender = sender.clone();
                thread::spawn(move || collect(stream.expect("a connection"), &sender));
            }
        });
        Self { url, sent }
    }

    /// Everything received so far, as lossy text.
    fn received(&self) -> String {
        let bodies = self.sent.try_iter().map(|(head, body)| {
            assert_eq!(head, "POST /v1/traces HTTP/1.1");
            String::from_utf8_lossy(&body).into_owned()
        });
        bodies.collect()
    }
}

/// The requests of one connection.
fn collect(stream: TcpStream, sender: &Sender<(String, Vec<u8>)>) {
    let mut answers = stream.try_clone().expect("a descriptor");
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            let line = line.trim_end().to_owned();
            if line.is_empty() {
                break;
            }
            head.push(line);
        }
        let length = head.iter().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length").then_some(value)
        });
        let length = length.and_then(|text| text.parse().ok());
        let mut body = vec![0; length.expect("a length")];
        reader.read_exact(&mut body).expect("all of it");
        // The receiver is gone when the test has ended.
        drop(sender.send((head[0].clone(), body)));
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        answers.write_all(answer).expect("the client reads");
    }
}

/// Terminates the server as an operator would, and waits.
fn end(server: &mut ServerProcess) {
    let kill = Command::new("kill")
        .arg(server.child.id().to_string())
        .status();
    assert!(kill.expect("kill is available").success());
    assert_eq!(
        server.child.wait().expect("a child process").code(),
        Some(0)
    );
}

const ACCOUNT: &str = "ada@example.com";
const PASSWORD: &str = "correct horse battery";

#[tokio::test]
async fn each_request_is_traced_by_route_without_its_content() {
    let database = TestDatabase::new(Backend::Sqlite).await;
    let collector = Collector::start();
    let program = Program::on(&database)
        .with("TENANTRY__SERVER__PORT", "0")
        .with("TENANTRY__OTEL__ENDPOINT", &collector.url)
        // The log filter does not filter traces.
        .with("RUST_LOG", "error");
    let mut server = ServerProcess::start(&program, "saas");
    let client = server.client();
    let account = json!({"email": ACCOUNT, "name": "Ada", "password": PASSWORD});
    let user = client.post("/api/auth/signup", account).send().await;
    let user = user.expect(201).json();
    let new = json!({"name": "Acme", "slug": "acme"});
    let made = client.post("/api/organizations", new).send().await;
    let made = made.expect(201).json();
    let listed = client.get("/api/projects?q=secret-words").send().await;
    let request = listed.expect(200).header("x-request-id").map(str::to_owned);
    client.get("/api/secret-path").send().await.expect(404);
    // Shutdown exports the last batch.
    end(&mut server);

    let received = collector.received();
    let ids = [&user["id"], &made["id"]].map(|id| id.as_str().expect("an id"));
    let request = request.expect("an id");
    for word in [
        "service.name",
        "tenantry",
        "POST /api/auth/signup",
        "GET /api/projects",
        "GET unknown",
        "http.route",
        "http.response.status_code",
        "client.address",
        ids[0],
        ids[1],
        &request,
    ] {
        assert!(received.contains(word), "{word} in {received}");
    }
    let cookie = client.cookies().expect("a session");
    let (_, session) = cookie.split_once('=').expect("a value");
    for secret in ["secret-words", "secret-path", ACCOUNT, PASSWORD, session] {
        assert!(!received.contains(secret), "{secret} in {received}");
    }
}

#[tokio::test]
async fn an_unresponsive_collector_blocks_neither_requests_nor_shutdown() {
    let database = TestDatabase::new(Backend::Sqlite).await;
    // It accepts a connection and never responds.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", silent.local_addr().expect("bound"));
    let program = Program::on(&database)
        .with("TENANTRY__SERVER__PORT", "0")
        .with("TENANTRY__OTEL__ENDPOINT", &url);
    let mut server = ServerProcess::start(&program, "saas");
    server.client().get("/api/auth/me").send().await.expect(401);
    end(&mut server);
}
