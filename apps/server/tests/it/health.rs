//! Health, and the form of every answer.

use tenantry_core::deployment::Deployment;
use tenantry_testkit::{TestDatabase, each_database};

use crate::support::TestServer;

each_database! {
    async fn a_server_that_can_work_is_live_and_ready(database: TestDatabase) {
        let server = TestServer::start(&database).await;
        let client = server.client();
        let live = client.get("/health/live").await.expect(200);
        assert_eq!(live.json()["status"], "live");
        client.get("/health/ready").await.expect(200);
        client.get("/health/ready/").await.expect(200);
        server.stop().await;
    }

    async fn a_server_with_pending_migrations_is_live_but_not_ready(database: TestDatabase) {
        let server = TestServer::start(&database).await;
        let taken_back = tenantry_migrations::down(database.url(), 1).await.expect("possible");
        assert_eq!(taken_back.len(), 1);

        let client = server.client();
        client.get("/health/live").await.expect(200);
        let answer = client.get("/health/ready").await.expect(503);
        assert_eq!(answer.problem_code(), "not_ready");
        assert_eq!(answer.json()["reasons"][0], "migrations are pending");
        assert!(answer.header("retry-after").is_some());
    }

    async fn a_dedicated_server_is_ready_once_its_organization_is_there(database: TestDatabase) {
        let organization: tenantry_core::value::Slug = "acme".parse().expect("valid");
        let server = TestServer::start_with(&database, |settings| {
            settings.deployment = Deployment::Dedicated { organization };
        })
        .await;
        let client = server.client();
        let answer = client.get("/health/ready").await.expect(503);
        let reason = answer.json()["reasons"][0].as_str().map(ToOwned::to_owned);
        assert!(reason.is_some_and(|reason| reason.contains("organization")), "{answer}");
        // Nobody can be helped there yet, but the process itself is fine.
        client.get("/health/live").await.expect(200);
    }

    async fn what_leads_nowhere_is_a_problem_with_a_request_id(database: TestDatabase) {
        let server = TestServer::start(&database).await;
        let answer = server.client().get("/api/nowhere").await.expect(404);
        assert_eq!(answer.problem_code(), "not_found");
        let id = answer.header("x-request-id").map(ToOwned::to_owned);
        assert_eq!(answer.json()["request_id"].as_str(), id.as_deref());
        assert_eq!(answer.header("cache-control"), Some("no-store"));

        let method = server.client().delete("/health/live").await.expect(405);
        assert_eq!(method.header("allow"), Some("GET, HEAD"));
    }
}
