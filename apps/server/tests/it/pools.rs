//! Connections to Postgres: each worker has its own, and there are never more than were set.

use futures_util::future::join_all;
use serde_json::json;
use tenantry_testkit::{Backend, TestDatabase};

use crate::support::TestServer;

const CONNECTIONS: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'tenantry'";

#[tokio::test]
async fn each_worker_has_its_own_connections_and_the_server_closes_all() {
    let database = TestDatabase::new(Backend::Postgres).await;
    // One for a worker: a request that needed a second one would wait for itself.
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
    // One that reads and one that writes of each worker and of everything else, each made when it
    // was needed.
    assert!(
        before <= during && (2..=6).contains(&during),
        "{before}, {during}"
    );

    server.stop().await;
    // Postgres takes its time to see that they are closed.
    let mut looks = 0;
    while database.number(CONNECTIONS).await > 0 {
        looks += 1;
        assert!(looks < 10_000, "connections stay behind");
    }
}
