//! The exported metrics, without tenant or user data.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::json;
use tenantry_testkit::{ApiClient, each_database};
use tokio::time::sleep;

use crate::support::{Program, ServerProcess};

const LIST: &str = include_str!("../../../../docs/observability.md");

/// The values of all lines, by name and labels.
struct Scrape {
    text: String,
    values: BTreeMap<String, f64>,
}

impl Scrape {
    async fn of(server: &ServerProcess) -> Self {
        let line = server.lines.iter().find(|line| line.starts_with("metrics"));
        let url = line.and_then(|line| line.split_whitespace().last());
        let url = url
            .expect("the server prints the address")
            .trim_end_matches("/metrics");
        let answer = ApiClient::new(url).get("/metrics").send().await.expect(200);
        let kind = answer.header("content-type").expect("a type");
        assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
        let text = String::from_utf8(answer.body).expect("text");
        let lines = text
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty());
        let values = lines.map(|line| {
            let (name, value) = line.rsplit_once(' ').expect("a name and a value");
            (name.to_owned(), value.parse().expect("a number"))
        });
        let values = values.collect();
        Self { text, values }
    }

    #[track_caller]
    fn value(&self, name: &str) -> f64 {
        let found = self.values.get(name);
        *found.unwrap_or_else(|| panic!("no {name} in\n{}", self.text))
    }

    fn has(&self, name: &str, value: f64) {
        assert!(
            (self.value(name) - value).abs() < f64::EPSILON,
            "{name}\n{}",
            self.text
        );
    }

    /// The names of the metrics, as their types are declared.
    fn names(&self) -> BTreeSet<&str> {
        let types = self
            .text
            .lines()
            .filter_map(|line| line.strip_prefix("# TYPE "));
        types
            .filter_map(|line| line.split_whitespace().next())
            .collect()
    }
}

fn served(program: Program) -> ServerProcess {
    let program = program
        .with("TENANTRY__SERVER__PORT", "0")
        .with("TENANTRY__METRICS__PORT", "0");
    ServerProcess::start(&program, "/metrics")
}

/// Signs up, creates an organization with a project, and sends requests with unknown paths.
/// Returns the words that no metric may contain.
async fn work(server: &ServerProcess) -> Vec<String> {
    let client = server.client();
    let account = json!({
        "email": "ada@example.com", "name": "Ada", "password": "correct horse battery",
    });
    let user = client
        .post("/api/auth/signup", account)
        .send()
        .await
        .expect(201)
        .json();
    let new = json!({"name": "Analytical", "slug": "analytical-engines"});
    let made = client
        .post("/api/organizations", new)
        .send()
        .await
        .expect(201)
        .json();
    let new = json!({"name": "Note G"});
    let project = client
        .post("/api/projects", new)
        .send()
        .await
        .expect(201)
        .json();
    let project = project["id"].as_str().expect("an id").to_owned();
    for _ in 0..3 {
        client
            .get(&format!("/api/projects/{project}"))
            .send()
            .await
            .expect(200);
    }
    client
        .get(&format!("/api/projects/{project}/"))
        .send()
        .await
        .expect(200);
    client.get("/api/projects?q=ada").send().await.expect(200);
    client
        .get("/api/analytical-engines")
        .send()
        .await
        .expect(404);
    client
        .get("/analytical-engines/ada@example.com")
        .send()
        .await
        .expect(404);
    client.raw("PUT", "/api/projects").send().await.expect(405);
    client.raw("BREW", "/api/projects").send().await.expect(405);
    let ids = [&user["id"], &made["id"]];
    let ids = ids.map(|id| id.as_str().expect("an id").to_owned());
    let words = ["analytical-engines", "ada@example.com", "BREW", "q="];
    let words = words.map(str::to_owned);
    ids.into_iter().chain([project]).chain(words).collect()
}

each_database! {
    async fn requests_are_counted_by_route_method_and_status_class(database: TestDatabase) {
        let server = served(Program::on(&database));
        work(&server).await;
        let scrape = Scrape::of(&server).await;
        let requests = |labels: &str| format!("http_server_requests_total{{{labels}}}");
        let one = r#"method="GET",route="/api/projects/{id}""#;
        for (labels, count) in [
            (r#"method="POST",route="/api/projects",status="2xx""#.to_owned(), 1.0),
            (format!(r#"{one},status="2xx""#), 4.0),
            (r#"method="GET",route="unknown",status="4xx""#.to_owned(), 2.0),
            (r#"method="PUT",route="/api/projects",status="4xx""#.to_owned(), 1.0),
            (r#"method="other",route="/api/projects",status="4xx""#.to_owned(), 1.0),
        ] {
            scrape.has(&requests(&labels), count);
        }
        let duration = "http_server_request_duration_seconds";
        scrape.has(&format!("{duration}_count{{{one}}}"), 4.0);
        scrape.has(&format!("{duration}_bucket{{{one},le=\"+Inf\"}}"), 4.0);
        scrape.has("http_server_active_requests", 0.0);
    }

    async fn the_database_passwords_and_events_are_measured(database: TestDatabase) {
        let server = served(Program::on(&database));
        work(&server).await;
        let waits = "INSERT INTO event_deliveries (listener, stream_id, number, in_organization,
                event_id, event_name, recorded_at, attempts, next_attempt_at, dead_at)
            SELECT 'gone.listener', stream_id, number, organization_id IS NOT NULL, id, name,
                occurred_at, 3, occurred_at, NULL FROM event_log";
        database.execute(waits).await;
        let dead = "UPDATE event_deliveries SET dead_at = recorded_at
            WHERE event_name = 'projects.project_created'";
        database.execute(dead).await;
        let logged = database.number("SELECT count(*) FROM event_log").await;

        let scrape = Scrape::of(&server).await;
        scrape.has("database_up", 1.0);
        scrape.has("password_hashes_total", 1.0);
        scrape.has("password_hashing_busy", 0.0);
        let all = logged as f64 - 1.0;
        scrape.has(r#"events_waiting{listener="gone.listener"}"#, all);
        scrape.has(r#"events_retrying{listener="gone.listener"}"#, all);
        scrape.has(r#"events_dead_letters{listener="gone.listener"}"#, 1.0);
        assert!(scrape.value(r#"events_lag_seconds{listener="gone.listener"}"#) > 0.0);
        scrape.has(r#"events_retries_total{listener="projects.first_project"}"#, 0.0);
        assert!(scrape.value("db_client_connections_max") >= 3.0);
        let idle = scrape.value(r#"db_client_connections{state="idle"}"#);
        let used = scrape.value(r#"db_client_connections{state="used"}"#);
        assert!(idle + used >= 1.0);
        assert!(scrape.value("db_client_connection_wait_time_seconds_count") > 0.0);
        assert!(scrape.value("process_resident_memory_bytes") > 1e6);
        let version = env!("CARGO_PKG_VERSION");
        scrape.has(&format!("tenantry_build_info{{version=\"{version}\"}}"), 1.0);

        database.execute("DELETE FROM event_deliveries").await;
        let scrape = Scrape::of(&server).await;
        scrape.has(r#"events_waiting{listener="gone.listener"}"#, 0.0);
        scrape.has(r#"events_lag_seconds{listener="gone.listener"}"#, 0.0);
    }

    async fn failed_attempts_and_dead_letters_are_counted(database: TestDatabase) {
        let listener = "projects.first_project";
        let server = served(Program::on(&database));
        work(&server).await;
        // Of an event that is not in the log, so the delivery fails.
        let lost = |number: u8, attempts: u8| format!(
            "INSERT INTO event_deliveries (listener, stream_id, number, in_organization,
                event_id, event_name, recorded_at, attempts, next_attempt_at)
             SELECT '{listener}', stream_id, 100 + {number}, TRUE, id, name, occurred_at,
                {attempts}, occurred_at
             FROM event_log WHERE name = 'organizations.organization_created'"
        );
        // The last attempt of one delivery, and then the first of the other.
        database.execute(&lost(1, 14)).await;
        database.execute(&lost(2, 0)).await;
        let retries = format!(r#"events_retries_total{{listener="{listener}"}}"#);
        let dead = format!(r#"events_dead_letters{{listener="{listener}"}}"#);
        let retrying = format!(r#"events_retrying{{listener="{listener}"}}"#);
        // A scrape reads the queue before the counters, and an attempt may end in between.
        let scrape = loop {
            let scrape = Scrape::of(&server).await;
            let queued = [&dead, &retrying]
                .iter()
                .all(|gauge| scrape.values.get(*gauge).is_some_and(|count| *count > 0.0));
            if queued && scrape.value(&retries) > 0.0 {
                break scrape;
            }
            sleep(Duration::from_millis(50)).await;
        };
        scrape.has(&dead, 1.0);
        scrape.has(&retrying, 1.0);
    }

    async fn jobs_are_measured(database: TestDatabase) {
        let server = served(Program::on(&database));
        work(&server).await;
        // Of a job without a handler, so that no server does them.
        let job = |number: u8, later: bool, dead: bool| {
            let due = if later { "2999-01-05T09:00:00+00:00" } else { "2026-01-05T09:00:00+00:00" };
            let dead = if dead { "'2026-01-05T10:00:00+00:00'" } else { "NULL" };
            format!(
                "INSERT INTO event_deliveries (listener, stream_id, number, in_organization,
                    event_id, event_name, recorded_at, attempts, next_attempt_at, dead_at)
                 SELECT 'gone.job', id, -{number}, TRUE, id, 'gone.job', created_at, 3, '{due}',
                    {dead}
                 FROM organizations"
            )
        };
        for sql in [job(1, false, false), job(2, true, false), job(3, true, false), job(4, false, true)] {
            database.execute(&sql).await;
        }
        let waiting = |state| format!(r#"tenantry_jobs_waiting{{job="gone.job",state="{state}"}}"#);
        let scrape = Scrape::of(&server).await;
        for (state, count) in [("due", 1.0), ("scheduled", 2.0), ("parked", 0.0)] {
            scrape.has(&waiting(state), count);
        }
        scrape.has(r#"tenantry_jobs_retrying{job="gone.job"}"#, 3.0);
        scrape.has(r#"tenantry_jobs_dead_letters{job="gone.job"}"#, 1.0);
        assert!(scrape.value(r#"tenantry_jobs_lag_seconds{job="gone.job"}"#) > 0.0);
        scrape.has(r#"tenantry_jobs_total{job="projects.archive_idle",outcome="done"}"#, 0.0);
        assert!(!scrape.text.contains(r#"events_waiting{listener="gone.job"}"#), "they are no events");

        database.execute("UPDATE organizations SET is_active = FALSE").await;
        let scrape = Scrape::of(&server).await;
        scrape.has(&waiting("parked"), 1.0);
        scrape.has(&waiting("due"), 0.0);
        scrape.has(r#"tenantry_jobs_lag_seconds{job="gone.job"}"#, 0.0);
    }

    async fn forwarding_headers_of_an_untrusted_address_are_counted(database: TestDatabase) {
        const COUNT: &str = "http_server_untrusted_forwarding_total";
        let server = served(Program::on(&database));
        let get = |name: &str| server.client().get("/api/auth/me").header(name, "192.0.2.1").send();
        get("Accept").await.expect(401);
        Scrape::of(&server).await.has(COUNT, 0.0);
        for name in ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Proto"] {
            get(name).await.expect(401);
        }
        server.client().get("/health/live").header("X-Forwarded-For", "").send().await.expect(200);
        Scrape::of(&server).await.has(COUNT, 5.0);

        let trusting = Program::on(&database).with("TENANTRY__SERVER__TRUSTED_PROXIES", "127.0.0.0/8");
        let server = served(trusting);
        let get = |name: &str| server.client().get("/api/auth/me").header(name, "192.0.2.1").send();
        get("X-Forwarded-For").await.expect(401);
        Scrape::of(&server).await.has(COUNT, 0.0);
    }

    async fn no_metric_names_an_organization_a_user_or_client_input(
        database: TestDatabase
    ) {
        let server = served(Program::on(&database));
        let private = work(&server).await;
        let scrape = Scrape::of(&server).await;
        for word in private {
            assert!(!scrape.text.contains(&word), "{word} in\n{}", scrape.text);
        }
        let known = [
            "job", "kind", "le", "listener", "method", "outcome", "reason", "route", "state", "status",
            "version",
        ];
        for name in scrape.values.keys() {
            let labels = name.split_once('{').map_or("", |(_, labels)| labels);
            for label in labels.split("\",").filter_map(|label| label.split_once('=')) {
                assert!(known.contains(&label.0), "{name}");
            }
        }
    }

    async fn the_documented_metrics_are_the_exported_ones(database: TestDatabase) {
        let server = served(Program::on(&database));
        work(&server).await;
        let scrape = Scrape::of(&server).await;
        let rows = LIST.lines().filter_map(|line| line.strip_prefix("| `"));
        let names = rows.filter_map(|row| row.split('`').next());
        // The page also has a table of routes, such as `GET /health/live`.
        let listed: BTreeSet<_> = names.filter(|name| !name.contains(' ')).collect();
        assert_eq!(listed, scrape.names());
    }

    async fn metrics_have_their_own_port_and_are_off_by_default(
        database: TestDatabase
    ) {
        let program = Program::on(&database).with("TENANTRY__SERVER__PORT", "0");
        let server = ServerProcess::start(&program, "saas");
        server.client().get("/metrics").send().await.expect(404);
        drop(server);
        let server = served(Program::on(&database));
        server.client().get("/metrics").send().await.expect(404);
    }
}

#[tokio::test]
async fn a_metrics_address_in_use_is_reported() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("bound").port().to_string();
    let database = tenantry_testkit::TestDatabase::new(tenantry_testkit::Backend::Sqlite).await;
    let program = Program::on(&database)
        .with("TENANTRY__SERVER__PORT", "0")
        .with("TENANTRY__METRICS__PORT", &port);
    let refused = program.run(&[]).expect(1);
    assert!(
        refused.stderr.contains("TENANTRY__METRICS__PORT"),
        "{refused:?}"
    );
}
