//! Concurrent runs.

use tenantry_migrations::runner::{fresh, pending, up};
use tenantry_testkit::{TestDatabase, each_database};
use tokio::task::JoinSet;

use crate::lists::New;

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
