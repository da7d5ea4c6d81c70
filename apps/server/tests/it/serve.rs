//! The server as a program: what it says, and how it starts and stops.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command},
};

use tenantry_testkit::{ApiClient, Backend, TestDatabase, each_database};

use crate::support::Program;

/// A started server; killed if the test fails.
struct Server {
    child: Child,
    lines: Vec<String>,
}

impl Server {
    /// Starts it and reads what it prints, up to a line that holds the text.
    fn start(program: &Program, last: &str) -> Self {
        let mut child = program.spawn(&["serve"]);
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        let mut lines = Vec::new();
        for line in stdout.lines() {
            lines.push(line.expect("text"));
            if lines.iter().any(|line| line.contains(last)) {
                return Self { child, lines };
            }
        }
        panic!("it ended with {:?} after {lines:#?}", child.wait());
    }

    fn url(&self) -> &str {
        let url = self.lines[0].split_whitespace().last();
        url.expect("the first line ends with the address")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

each_database! {
    async fn the_server_prints_where_it_is_and_answers_there(database: TestDatabase) {
        let program = Program::on(&database).with("TENANTRY__SERVER__PORT", "0");
        let server = Server::start(&program, "saas");
        assert!(server.lines[0].starts_with("Tenantry listens on  http://127.0.0.1:"));
        assert!(server.lines[2].ends_with("saas"));

        let ready = ApiClient::new(server.url()).get("/health/ready").send().await;
        assert_eq!(ready.expect(200).json()["status"], "ready");
    }

    async fn a_server_told_to_stop_ends_in_good_order(database: TestDatabase) {
        let program = Program::on(&database).with("TENANTRY__SERVER__PORT", "0");
        let mut server = Server::start(&program, "saas");
        let told = Command::new("kill").arg(server.child.id().to_string()).status();
        assert!(told.expect("kill is everywhere").success());
        let end = server.child.wait().expect("it ends");
        assert_eq!(end.code(), Some(0));
    }

    async fn a_dedicated_server_says_how_to_make_its_organization(database: TestDatabase) {
        let program = Program::on(&database)
            .with("TENANTRY__SERVER__PORT", "0")
            .with("DEPLOYMENT_MODE", "dedicated")
            .with("DEDICATED_ORG_SLUG", "acme");
        let server = Server::start(&program, "tenantry org create");
        assert!(server.lines[2].ends_with("dedicated"));
        let ready = ApiClient::new(server.url()).get("/health/ready").send().await;
        assert_eq!(ready.expect(503).problem_code(), "not_ready");
    }
}

#[tokio::test]
async fn on_postgres_pending_migrations_stop_the_start() {
    let database = TestDatabase::empty(Backend::Postgres).await;
    let program = Program::on(&database).with("TENANTRY__SERVER__PORT", "0");
    let refused = program.run(&["serve"]).expect(1);
    assert!(
        refused.stderr.contains("tenantry migrate up"),
        "{refused:?}"
    );
    assert_eq!(refused.stdout, "");

    let program = program.with("TENANTRY__DATABASE__MIGRATE_ON_START", "true");
    let server = Server::start(&program, "saas");
    let ready = ApiClient::new(server.url())
        .get("/health/ready")
        .send()
        .await;
    ready.expect(200);
}

#[tokio::test]
async fn on_sqlite_a_start_makes_the_file_its_tables_and_its_secret() {
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

    drop(Server::start(&program, "saas"));
    let (file, first) = secret().expect("made");
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

    drop(Server::start(&program, "saas"));
    assert_eq!(secret().expect("kept").1, first);
    assert!(database.number("SELECT count(*) FROM users").await == 0);

    std::fs::write(&file, "short").expect("writable");
    let refused = program.run(&["serve"]).expect(1);
    assert!(refused.stderr.contains("less than 64 bytes"), "{refused:?}");
}

#[tokio::test]
async fn an_address_in_use_is_named() {
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
fn a_database_that_is_away_is_named_without_its_password() {
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
