//! Concurrent runs.

use std::time::Duration;

use sea_orm_migration::sea_orm::{ConnectionTrait as _, Database};
use tenantry_migrations::runner::{down, fresh, pending, up};
use tenantry_testkit::{Backend, TestDatabase, each_database};
use tokio::{task::JoinSet, time::timeout};

use crate::lists::{New, Numbered, Old};

/// Long enough for every run of these tests, so that one that hangs fails.
const AGES: Duration = Duration::from_secs(30);

each_database! {
    async fn of_eight_concurrent_runs_one_does_the_work(db: TestDatabase) {
        let db = TestDatabase::empty(db.backend()).await;
        let mut runs = JoinSet::new();
        for _ in 0..8 {
            let url = db.owner_url().to_owned();
            runs.spawn(async move { up::<New>(&url).await });
        }
        let mut done: Vec<usize> = Vec::new();
        for outcome in runs.join_all().await {
            done.push(outcome.expect("no run fails").len());
        }
        done.sort_unstable();
        assert_eq!(done, [0, 0, 0, 0, 0, 0, 0, 3]);
        assert_eq!(db.number("SELECT count(*) AS n FROM seaql_migrations").await, 3);
    }

    async fn a_run_waits_for_one_that_starts_afresh(db: TestDatabase) {
        let db = TestDatabase::empty(db.backend()).await;
        let mut runs = JoinSet::new();
        for number in 0..8 {
            let url = db.owner_url().to_owned();
            runs.spawn(async move {
                if number % 2 == 0 {
                    fresh::<New>(&url).await
                } else {
                    up::<New>(&url).await
                }
            });
        }
        for outcome in runs.join_all().await {
            outcome.expect("no run fails");
        }
        assert!(pending::<New>(db.owner_url()).await.expect("works").is_empty());
        assert_eq!(db.number("SELECT count(*) AS n FROM books").await, 1);
    }
}

/// Reads the table in a transaction that stays open.
async fn keep_reading(db: &TestDatabase) {
    db.execute("BEGIN; SELECT FROM shelves").await;
}

#[tokio::test]
async fn requests_go_on_while_a_migration_waits_for_a_reader() {
    let db = TestDatabase::empty(Backend::Postgres).await;
    up::<Old>(db.owner_url()).await.expect("works");
    keep_reading(&db).await;
    let url = db.owner_url().to_owned();
    let run = tokio::spawn(async move { up::<Numbered>(&url).await });
    let requests = Database::connect(db.owner_url()).await.expect("connected");
    // Through several attempts of the migration to lock the table.
    for n in 0..40 {
        let write = format!("INSERT INTO shelves (id) VALUES ({n})");
        let written = timeout(AGES, requests.execute_unprepared(&write)).await;
        written
            .expect("the migration keeps it waiting")
            .expect("written");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(!run.is_finished(), "the reader is still there");
    db.execute("COMMIT").await;
    let applied = timeout(AGES, run)
        .await
        .expect("it goes on")
        .expect("no panic");
    assert_eq!(applied.expect("works"), ["library_0004_numbered"]);

    keep_reading(&db).await;
    let url = db.owner_url().to_owned();
    let run = tokio::spawn(async move { down::<Numbered>(&url, 1).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    db.execute("COMMIT").await;
    let reverted = timeout(AGES, run)
        .await
        .expect("it goes on")
        .expect("no panic");
    assert_eq!(reverted.expect("works"), ["library_0004_numbered"]);
}
