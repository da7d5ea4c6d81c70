//! The server process: its output, its start and its shutdown.

use std::{
    io::{BufRead as _, BufReader},
    process::Command,
};

use tenantry_testkit::{ApiClient, Backend, TestDatabase, each_database};

use crate::support::{Program, ServerProcess};

each_database! {
    async fn the_server_prints_its_address_and_responds_there(database: TestDatabase) {
        let program = Program::on(&database).with("TENANTRY__SERVER__PORT", "0");
        let server = ServerProcess::start(&program, "saas");
        assert!(server.lines[0].starts_with("Tenantry listens on  http://127.0.0.1:"));
        assert!(server.lines[3].ends_with("saas"));

        let ready = ApiClient::new(server.url()).get("/health/ready").send().await;
        assert_eq!(ready.expect(200).json()["status"], "ready");
    }

    async fn a_server_shuts_down_cleanly_on_sigterm(database: TestDatabase) {
        let program = Program::on(&database).with("TENANTRY__SERVER__PORT", "0");
        let mut server = ServerProcess::start(&program, "saas");
        let kill = Command::new("kill").arg(server.child.id().to_string()).status();
        assert!(kill.expect("kill is available").success());
        let end = server.child.wait().expect("it ends");
        assert_eq!(end.code(), Some(0));
    }

    async fn a_dedicated_server_prints_how_to_create_its_organization(database: TestDatabase) {
        let program = Program::on(&database)
            .with("TENANTRY__SERVER__PORT", "0")
            .with("DEPLOYMENT_MODE", "dedicated")
            .with("DEDICATED_ORG_SLUG", "acme");
        let server = ServerProcess::start(&program, "tenantry org create");
        assert!(server.lines[3].ends_with("dedicated"));
        let ready = ApiClient::new(server.url()).get("/health/ready").send().await;
        assert_eq!(ready.expect(503).problem_code(), "not_ready");
    }
}

#[tokio::test]
async fn on_postgres_pending_migrations_prevent_the_start() {
    let database = TestDatabase::empty(Backend::Postgres).await;
    let program = Program::on(&database).with("TENANTRY__SERVER__PORT", "0");
    let refused = program.run(&["serve"]).expect(1);
    assert!(
        refused.stderr.contains("tenantry migrate up"),
        "{refused:?}"
    );
    assert_eq!(refused.stdout, "");

    let program = program.with("TENANTRY__DATABASE__MIGRATE_ON_START", "true");
    let server = ServerProcess::start(&program, "saas");
    let ready = ApiClient::new(server.url())
        .get("/health/ready")
        .send()
        .await;
    ready.expect(200);
}

#[tokio::test]
async fn on_sqlite_a_start_creates_the_file_its_tables_and_its_secret() {
    let database = TestDatabase::empty(Backend::Sqlite).await;
    let program = Program::bare()
        .with("DATABASE_URL", database.url())
        .with("TENANTRY__SERVER__PORT", "0");
    let secret = || {
        let file = database.url().trim_start_matches("sqlite://");
        let file = file.split('?').next().expect("a path").to_owned() + ".secret";
        std::fs::read_to_string(&file).map(|secret| (file, secret))
    };
    assert!(secret().is_err());

    drop(ServerProcess::start(&program, "saas"));
    let (file, first) = secret().expect("created");
    assert!(first.len() > 64);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&file)
            .expect("there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    drop(ServerProcess::start(&program, "saas"));
    assert_eq!(secret().expect("kept").1, first);
    assert!(database.number("SELECT count(*) FROM users").await == 0);

    std::fs::write(&file, "short").expect("writable");
    let refused = program.run(&["serve"]).expect(1);
    assert!(refused.stderr.contains("less than 64 bytes"), "{refused:?}");
}

#[tokio::test]
async fn an_address_in_use_is_reported() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("bound").port().to_string();
    let database = TestDatabase::new(Backend::Sqlite).await;
    let program = Program::on(&database).with("TENANTRY__SERVER__PORT", &port);
    let refused = program.run(&[]).expect(1);
    assert!(refused.stderr.contains(&port), "{refused:?}");
    assert!(
        refused.stderr.contains("TENANTRY__SERVER__PORT"),
        "{refused:?}"
    );
}

#[test]
fn an_unreachable_database_is_reported_without_its_password() {
    let program = Program::bare()
        .with(
            "DATABASE_URL",
            "postgres://app:hunter2@127.0.0.1:1/tenantry",
        )
        .with("TENANTRY__SESSION__SECRET", crate::support::SECRET);
    let refused = program.run(&["serve"]).expect(1);
    assert!(
        refused.stderr.contains("app:***@127.0.0.1:1"),
        "{refused:?}"
    );
    assert!(!refused.stderr.contains("hunter2"), "{refused:?}");
}

/// A log that can't be written: its reader is gone, or its disk is full.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_server_goes_on_when_its_log_can_not_be_written() {
    let database = TestDatabase::new(Backend::Sqlite).await;
    let program = Program::on(&database)
        .with("TENANTRY__SERVER__PORT", "0")
        .with("TENANTRY__METRICS__PORT", "0")
        .with("RUST_LOG", "debug");
    let mut closed = program.spawn(&["serve"]);
    drop(closed.stderr.take());
    let full = program.logging_to("/dev/full".as_ref()).spawn(&["serve"]);
    for mut child in [closed, full] {
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut addresses = lines
            .map_while(Result::ok)
            .filter(|line| line.contains("http://"));
        let mut url = |what: &str| {
            let line = addresses
                .find(|line| line.contains(what))
                .expect("an address");
            line.split_whitespace()
                .last()
                .expect("an address")
                .to_owned()
        };
        let (server, metrics) = (url("listens"), url("metrics"));
        let client = ApiClient::new(&server);
        for _ in 0..3 {
            client.get("/api/projects").send().await.expect(401);
        }
        assert_eq!(child.try_wait().expect("its state"), None, "it goes on");
        let metrics = ApiClient::new(metrics.trim_end_matches("/metrics"));
        let text = metrics.get("/metrics").send().await.expect(200).body;
        let text = String::from_utf8(text).expect("text");
        let dropped = text.lines().find(|line| {
            line.starts_with("log_lines_dropped_total") && line.contains("unwritable")
        });
        let dropped = dropped.and_then(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
        assert!(dropped.is_some_and(|dropped| dropped > 0.0), "{text}");
        child.kill().expect("it runs");
        child.wait().expect("it ended");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_server_starts_when_its_greeting_can_not_be_written_and_logs_its_address() {
    let database = TestDatabase::new(Backend::Sqlite).await;
    let program = Program::on(&database)
        .with("TENANTRY__SERVER__PORT", "0")
        .printing_to("/dev/full".as_ref());
    let mut child = program.spawn(&["serve"]);
    let lines = BufReader::new(child.stderr.take().expect("piped")).lines();
    let address = lines.map_while(Result::ok).find_map(|line| {
        let (_, port) = line.split_once("http://127.0.0.1:")?;
        let end = port.find(|letter: char| !letter.is_ascii_digit());
        let port = port.get(..end.unwrap_or(port.len()))?;
        Some(format!("http://127.0.0.1:{port}"))
    });
    let client = ApiClient::new(&address.expect("the log has it"));
    client.get("/api/projects").send().await.expect(401);
    child.kill().expect("it runs");
    child.wait().expect("it ended");
}

/// Passwords are in the memory of the process.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_server_leaves_no_core_dump() {
    let database = TestDatabase::new(Backend::Sqlite).await;
    let program = Program::on(&database).with("TENANTRY__SERVER__PORT", "0");
    let server = ServerProcess::start(&program, "saas");
    let limits = format!("/proc/{}/limits", server.child.id());
    let limits = std::fs::read_to_string(limits).expect("Linux says");
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let words: Vec<_> = line.expect("a line").split_whitespace().collect();
    assert_eq!(words[4..6], ["0", "0"], "{words:?}");
}
