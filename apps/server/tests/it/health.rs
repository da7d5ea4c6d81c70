//! Health checks.

use std::time::Duration;

use serde_json::json;
use tenantry::settings::DatabaseUrl;
use tenantry_testkit::each_database;
use tokio::time::sleep;

use crate::support::{TestServer, create_acme, dedicated};

each_database! {
    async fn a_working_server_is_live_and_ready(database: TestDatabase) {
        let server = TestServer::start(&database).await;
        let client = server.client();
        let live = client.get("/health/live").send().await.expect(200);
        assert_eq!(live.json()["status"], "live");
        client.get("/health/ready").send().await.expect(200);
        client.get("/health/ready/").send().await.expect(200);
        server.stop().await;
    }

    async fn a_server_with_pending_migrations_is_live_but_not_ready(database: TestDatabase) {
        let server = TestServer::start(&database).await;
        let reverted = tenantry_migrations::down(database.owner_url(), 1).await.expect("possible");
        assert_eq!(reverted.len(), 1);

        let client = server.client();
        client.get("/health/live").send().await.expect(200);
        let answer = client.get("/health/ready").send().await.expect(503);
        assert_eq!(answer.problem_code(), "not_ready");
        assert_eq!(answer.json()["reasons"][0], "migrations are pending");
        assert!(answer.header("retry-after").is_some());
    }

    async fn a_dedicated_server_is_ready_while_its_organization_is_enabled(database: TestDatabase) {
        let server = TestServer::start_with(&database, dedicated).await;
        let client = server.client();
        let missing = client.get("/health/ready").send().await.expect(503);
        let reason = "the organization of this deployment is missing or disabled";
        assert_eq!(missing.json()["reasons"], json!([reason]));
        // Not ready, but the process itself is live.
        client.get("/health/live").send().await.expect(200);

        create_acme(&server.app).await;
        client.get("/health/ready").send().await.expect(200);
        database.execute("UPDATE organizations SET is_active = false").await;
        // A success is reused for a second.
        let disabled = loop {
            let answer = client.get("/health/ready").send().await;
            if answer.status != 200 {
                break answer.expect(503);
            }
            sleep(Duration::from_millis(20)).await;
        };
        assert_eq!(disabled.json()["reasons"], json!([reason]));
        server.stop().await;
    }

    async fn a_server_without_its_database_is_live_but_not_ready(database: TestDatabase) {
        let working = TestServer::start(&database).await;
        let mut settings = TestServer::settings(&database);
        let unreachable = "postgres://app:hunter2@127.0.0.1:1/tenantry";
        settings.database.url = DatabaseUrl::parse(unreachable).expect("valid");
        let server = TestServer::of(working.app.clone(), &settings);
        let client = server.client();
        client.get("/health/live").send().await.expect(200);
        let answer = client.get("/health/ready").send().await.expect(503);
        assert_eq!(answer.json()["reasons"], json!(["the database is away"]));
        assert!(!answer.to_string().contains("127.0.0.1:1/"), "{answer}");
    }

    async fn an_unknown_path_is_a_problem_with_a_request_id(database: TestDatabase) {
        let server = TestServer::start(&database).await;
        let answer = server.client().get("/api/nowhere").send().await.expect(404);
        assert_eq!(answer.problem_code(), "not_found");
        let id = answer.header("x-request-id").map(ToOwned::to_owned);
        assert_eq!(answer.json()["request_id"].as_str(), id.as_deref());
        assert_eq!(answer.header("cache-control"), Some("no-store"));

        let method = server.client().delete("/health/live").send().await.expect(405);
        assert_eq!(method.header("allow"), Some("GET, HEAD"));
    }
}
