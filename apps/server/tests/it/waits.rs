//! Waits inside Postgres end, and a lock on what belongs to one organization or one account stops no
//! other.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use tenantry_testkit::{Answer, ApiClient, Backend, TestDatabase};
use tokio::{task::JoinHandle, time::sleep};

use crate::http::support::{PASSWORD, Setup};

/// More than the connections of all workers.
const CLIENTS: usize = 16;

const WAITING: &str = "SELECT count(*) AS n FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'";

async fn setup() -> Setup {
    let database = TestDatabase::new(Backend::Postgres).await;
    // Two connections in each pool, of which one organization has one.
    let variables = [
        ("TENANTRY__DATABASE__CONNECTIONS", "2"),
        ("TENANTRY__DATABASE__LOCK_SECONDS", "2"),
    ];
    Setup::with_env(database, &variables).await
}

/// Locks rows in a transaction that another program leaves open.
async fn lock(database: &TestDatabase, rows: &str) {
    database.execute("BEGIN").await;
    database.execute(&format!("{rows} FOR UPDATE")).await;
}

/// Waits until a statement of the server waits for a lock.
async fn waiting(database: &TestDatabase) {
    while database.number(WAITING).await == 0 {
        sleep(Duration::from_millis(5)).await;
    }
}

fn create(client: &ApiClient, slug: &str, name: String) -> JoinHandle<Answer> {
    let request = client.post("/api/projects", json!({"name": name}));
    let request = request.organization(slug);
    tokio::spawn(request.send())
}

/// Asserts that each request was given up, and may be repeated.
async fn given_up(requests: Vec<JoinHandle<Answer>>) {
    for answer in join_all(requests).await {
        let answer = answer.expect("no panic").expect(503);
        assert!(answer.header("retry-after").is_some());
        let code = answer.problem_code();
        assert!(
            ["overloaded", "database_unavailable"].contains(&code.as_str()),
            "{code}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_on_one_organization_stops_no_other() {
    let setup = setup().await;
    let (ada, bob) = (setup.user("ada").await, setup.user("bob").await);
    setup.organization(&ada, "acme").await;
    setup.organization(&bob, "globex").await;

    lock(
        &setup.database,
        "SELECT 1 FROM organizations WHERE slug = 'acme'",
    )
    .await;
    let stuck = (0..CLIENTS).map(|n| create(&ada, "acme", format!("Stuck {n}")));
    let stuck: Vec<_> = stuck.collect();
    waiting(&setup.database).await;
    for n in 0..CLIENTS {
        setup.project(&bob, "globex", &format!("Other {n}")).await;
        setup.login("bob").await;
    }
    given_up(stuck).await;

    setup.database.execute("COMMIT").await;
    setup.project(&ada, "acme", "Afterwards").await;
    let written = "SELECT count(*) AS n FROM projects WHERE name LIKE 'Stuck%'";
    assert_eq!(setup.database.number(written).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_on_one_account_stops_no_other() {
    let setup = setup().await;
    let (ada, bob) = (setup.user("ada").await, setup.user("bob").await);
    setup.organization(&bob, "globex").await;

    lock(
        &setup.database,
        "SELECT 1 FROM users WHERE email = 'ada@example.com'",
    )
    .await;
    let login = json!({"email": "ada@example.com", "password": PASSWORD});
    let stuck = (0..CLIENTS).map(|_| {
        let client = setup.anonymous();
        tokio::spawn(client.post("/api/auth/login", login.clone()).send())
    });
    let stuck: Vec<_> = stuck.collect();
    waiting(&setup.database).await;
    for n in 0..CLIENTS {
        setup.project(&bob, "globex", &format!("Other {n}")).await;
        setup.login("bob").await;
    }
    given_up(stuck).await;
    setup.database.execute("COMMIT").await;
    setup.login("ada").await;
    drop(ada);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_on_one_project_ends_the_requests_that_wait_for_it() {
    let setup = setup().await;
    let ada = setup.user("ada").await;
    setup.organization(&ada, "acme").await;
    let id = setup.project(&ada, "acme", "Locked").await;
    let path = format!("/api/projects/{id}");

    lock(
        &setup.database,
        &format!("SELECT 1 FROM projects WHERE id = '{id}'"),
    )
    .await;
    let rename = ada
        .patch(&path, json!({"name": "Renamed"}))
        .organization("acme");
    let stuck = vec![tokio::spawn(rename.send())];
    waiting(&setup.database).await;
    given_up(stuck).await;
    let read = ada.get(&path).organization("acme").send().await.expect(200);
    assert_eq!(read.json()["name"], "Locked");
    setup.database.execute("COMMIT").await;
    let rename = ada
        .patch(&path, json!({"name": "Renamed"}))
        .organization("acme");
    rename.send().await.expect(200);
}
