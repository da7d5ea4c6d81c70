//! The log: one line for each request, and the request's ids on every line.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use serde_json::{Value, json};
use tenantry_testkit::{TestDatabase, each_database};

use crate::support::{Program, ServerProcess};

/// Runs a server for `work`. Returns the lines of its log.
async fn log_of(
    database: &TestDatabase,
    filter: &str,
    work: impl AsyncFnOnce(&ServerProcess),
) -> Vec<Value> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let file = format!("log-{}-{count}", std::process::id());
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(file);
    let program = Program::on(database)
        .with("TENANTRY__SERVER__PORT", "0")
        .with("RUST_LOG", filter)
        .logging_to(&file);
    let server = ServerProcess::start(&program, "saas");
    work(&server).await;
    drop(server);
    let text = fs::read_to_string(&file).expect("a log");
    fs::remove_file(&file).expect("just read");
    let lines = text.lines().map(serde_json::from_str);
    lines
        .map(|line| line.unwrap_or_else(|error| panic!("{error} in\n{text}")))
        .collect()
}

fn accesses(log: &[Value]) -> Vec<&Value> {
    log.iter()
        .filter(|line| line["target"] == "access")
        .collect()
}

const ACCOUNT: &str = "ada@example.com";
const PASSWORD: &str = "correct horse battery";

async fn sign_up(server: &ServerProcess) -> (tenantry_testkit::ApiClient, String) {
    let client = server.client();
    let account = json!({"email": ACCOUNT, "name": "Ada", "password": PASSWORD});
    let user = client
        .post("/api/auth/signup", account)
        .send()
        .await
        .expect(201)
        .json();
    (client, user["id"].as_str().expect("an id").to_owned())
}

each_database! {
    async fn each_request_is_one_line_with_its_user_and_organization(database: TestDatabase) {
        let mut expected = Value::Null;
        let log = log_of(&database, "info", async |server| {
            let (client, user) = sign_up(server).await;
            let new = json!({"name": "Acme", "slug": "acme"});
            let made = client.post("/api/organizations", new).send().await.expect(201).json();
            let read = client.get("/api/projects?q=secret-words").send().await.expect(200);
            let refused = client
                .get("/api/projects")
                .header("x-organization-slug", "secret-slug")
                .send()
                .await
                .expect(404);
            let unknown = server.client().get("/api/secret-path").send().await.expect(404);
            let ids = [&read, &refused, &unknown].map(|it| it.header("x-request-id").map(str::to_owned));
            expected = json!({"user": user, "organization": made["id"], "requests": ids});
        })
        .await;
        let lines = accesses(&log);
        assert_eq!(lines.len(), 5, "{lines:#?}");
        for line in &lines {
            assert!(line["duration_ms"].as_f64().expect("a number") > 0.0, "{line}");
            assert!(line["timestamp"].is_string() && line["level"] == "INFO", "{line}");
        }
        let read = lines[2];
        assert_eq!(read["status"], 200);
        let span = json!({
            "name": "request", "request_id": expected["requests"][0], "method": "GET",
            "client": "127.0.0.1", "route": "/api/projects", "user_id": expected["user"],
            "organization_id": expected["organization"],
        });
        assert_eq!(read["span"], span);
        assert_eq!(lines[3]["status"], 404);
        assert_eq!(lines[3]["span"]["request_id"], expected["requests"][1]);
        assert_eq!(lines[3]["span"]["organization_id"], Value::Null, "not a member of it");
        assert_eq!(lines[4]["span"]["route"], "unknown");
        assert_eq!(lines[4]["span"]["user_id"], Value::Null);

        let all = json!(log).to_string();
        for secret in ["secret-words", "secret-slug", "secret-path", ACCOUNT, PASSWORD, "cookie"] {
            assert!(!all.contains(secret), "{secret} in {log:#?}");
        }
    }

    async fn every_line_within_a_request_carries_its_ids_despite_filters(
        database: TestDatabase
    ) {
        // The statements of a request, including those of its commit.
        let log = log_of(&database, "warn,sqlx::query=debug", async |server| {
            let (client, _) = sign_up(server).await;
            let new = json!({"name": "Acme", "slug": "acme"});
            client.post("/api/organizations", new).send().await.expect(201);
            client.post("/api/projects", json!({"name": "One"})).send().await.expect(201);
        })
        .await;
        assert!(accesses(&log).is_empty(), "the filter excludes them");
        let of = |words: &str| -> Vec<&Value> {
            let lines = log.iter().filter(|line| line.to_string().contains(words));
            lines.filter(|line| line["span"]["route"] == "/api/projects").collect()
        };
        for words in ["INTO \\\"projects", "INTO event_log"] {
            let lines = of(words);
            assert_eq!(lines.len(), 1, "{words}");
            for id in ["request_id", "user_id", "organization_id"] {
                assert!(lines[0]["span"][id].is_string(), "{id} in {}", lines[0]);
            }
        }
    }

    async fn a_rejected_request_is_logged_with_its_user(database: TestDatabase) {
        let mut user = String::new();
        let log = log_of(&database, "info", async |server| {
            let (client, id) = sign_up(server).await;
            user = id;
            client.get("/api/projects").send().await.expect(400);
            client.get("/api/admin/organizations").send().await.expect(404);
        })
        .await;
        let lines = accesses(&log);
        assert_eq!(lines[2]["span"]["route"], "/api/admin/organizations");
        assert_eq!(lines[2]["status"], 404);
        assert_eq!(lines[2]["span"]["user_id"], user);
    }

    async fn forwarding_headers_of_an_untrusted_address_are_one_warning(database: TestDatabase) {
        let log = log_of(&database, "info", async |server| {
            for client in ["192.0.2.1", "192.0.2.2"] {
                for name in ["X-Forwarded-For", "Forwarded"] {
                    let call = server.client().get("/api/auth/me").header(name, client);
                    call.send().await.expect(401);
                }
            }
        })
        .await;
        let warnings: Vec<_> = log.iter().filter(|line| line["level"] == "WARN").collect();
        assert_eq!(warnings.len(), 1, "{log:#?}");
        let text = warnings[0].to_string();
        assert!(text.contains("TENANTRY__SERVER__TRUSTED_PROXIES"), "{text}");
        assert!(text.contains("127.0.0.1"), "{text}");
        assert!(!text.contains("192.0.2.1"), "what a client wrote stays out of the log: {text}");
    }
}
