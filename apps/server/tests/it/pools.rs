//! Connections to Postgres: each worker has its own pool, within the configured size.

use futures_util::future::join_all;
use serde_json::json;
use tenantry_testkit::{Backend, TestDatabase};

use crate::support::TestServer;

const CONNECTIONS: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'tenantry'";

#[tokio::test]
async fn each_worker_has_its_own_connections_and_the_server_closes_all() {
    let database = TestDatabase::new(Backend::Postgres).await;
    // One for each worker: a request that needed a second one would deadlock.
    let one = [("TENANTRY__DATABASE__CONNECTIONS", "1")];
    let server = TestServer::start_as(&database, &one).await;
    let client = server.client();
    let account = json!({"email": "ada@example.com", "name": "A", "password": "correct horse"});
    client
        .post("/api/auth/signup", account)
        .send()
        .await
        .expect(201);
    let organization = json!({"name": "Acme"});
    client
        .post("/api/organizations", organization)
        .send()
        .await
        .expect(201);
    let before = database.number(CONNECTIONS).await;

    let requests = (0..64).map(|n| {
        let new = json!({"name": format!("Project {n}")});
        client.post("/api/projects", new).send()
    });
    for answer in join_all(requests).await {
        answer.expect(201);
    }
    let during = database.number(CONNECTIONS).await;
    // A read and a write connection for each worker and for background work, opened on demand.
    assert!(
        before <= during && (2..=6).contains(&during),
        "{before}, {during}"
    );

    server.stop().await;
    // Postgres notices closed connections with a delay.
    let mut polls = 0;
    while database.number(CONNECTIONS).await > 0 {
        polls += 1;
        assert!(polls < 10_000, "connections were not closed");
    }
}
