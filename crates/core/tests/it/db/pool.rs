//! Connections to Postgres are pooled, and no state passes from one caller to the next.

use std::{pin::pin, time::Duration};

use futures_util::FutureExt as _;
use tenantry_core::{
    access::Actor,
    db::{Database, DbError},
    orm::Set,
};
use tenantry_testkit::{Backend, TestDatabase};

use super::{
    library::{Library, id, new_shelf},
    tables::{colour, shelf},
};

/// A library, and its database over one connection: a second caller has to wait for it.
async fn over_one_connection() -> (Library, Database) {
    let library = Library::furnished(TestDatabase::new(Backend::Postgres).await).await;
    let database = library.opened(1, library.world.events.clone()).await;
    (library, database)
}

/// Counts over a connection that writes; the pool treats it like those that read.
async fn colours(database: &Database) -> Result<u64, DbError> {
    let mut work = database.begin(Actor::system());
    let rows = work.global().await?;
    rows.find::<colour::Entity>().count().await
}

#[tokio::test]
async fn a_dropped_transaction_is_rolled_back_before_its_connection_is_reused() {
    let (library, database) = over_one_connection().await;
    let mut work = database.begin(&library.ours);
    let rows = work.global().await.expect("rows");
    let red = colour::ActiveModel {
        id: Set(id(1)),
        name: Set("red".to_owned()),
    };
    rows.insert::<colour::Entity>(red).await.expect("inserted");

    let mut waiting = pin!(colours(&database));
    assert!(
        waiting.as_mut().now_or_never().is_none(),
        "it waits for the connection"
    );
    drop(work);
    assert_eq!(waiting.await.expect("a number"), 0);
}

#[tokio::test]
async fn a_cancelled_begin_leaves_no_transaction_open() {
    const OPEN: &str = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tenantry'
        AND datname = current_database() AND state LIKE 'idle in transaction%'";

    let (library, database) = over_one_connection().await;
    // Dropped as soon as it was sent, unless Postgres was faster.
    loop {
        colours(&database).await.expect("a number");
        while database.pool_stats().idle == 0 {
            tokio::task::yield_now().await;
        }
        let mut work = database.begin(&library.ours);
        if work.global().now_or_never().is_none() {
            break;
        }
    }

    colours(&database).await.expect("a number");
    // Postgres takes its time to see that a connection is closed.
    let mut polls = 0;
    while library.world.raw.number(OPEN).await > 0 {
        polls += 1;
        assert!(polls < 100, "the transaction stays open");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_cancelled_wait_takes_no_connection_from_the_next_caller() {
    let (library, database) = over_one_connection().await;
    for _ in 0..3 {
        let mut work = database.begin(&library.ours);
        work.global().await.expect("a connection");
        assert!(
            colours(&database).now_or_never().is_none(),
            "it waits until it is dropped"
        );
        let mut waiting = pin!(colours(&database));
        assert!(
            waiting.as_mut().now_or_never().is_none(),
            "it waits for the connection"
        );
        drop(work);
        assert_eq!(waiting.await.expect("a number"), 0);
    }
}

#[tokio::test]
async fn a_connection_assigned_to_a_cancelled_wait_is_released() {
    let (library, database) = over_one_connection().await;
    let mut work = database.begin(&library.ours);
    work.global().await.expect("a connection");
    {
        let mut first = pin!(colours(&database));
        assert!(
            first.as_mut().now_or_never().is_none(),
            "it waits for the connection"
        );
        drop(work);
        // The connection is assigned to `first`, which is dropped before it is polled again.
    }
    assert_eq!(colours(&database).await.expect("a number"), 0);
}

#[tokio::test]
async fn a_failed_statement_does_not_affect_the_next_caller() {
    let (library, database) = over_one_connection().await;
    let mut work = database.begin(&library.ours);
    let rows = work.tenant(&library.ours).await.expect("rows");
    let twice = rows.insert::<shelf::Entity>(new_shelf(1)).await;
    assert!(
        matches!(twice, Err(DbError::UniqueViolation { .. })),
        "{twice:?}"
    );

    let mut waiting = pin!(colours(&database));
    assert!(
        waiting.as_mut().now_or_never().is_none(),
        "it waits for the connection"
    );
    drop(work);
    assert_eq!(waiting.await.expect("a number"), 0);
}

#[tokio::test]
async fn a_cancelled_statement_does_not_affect_the_next_caller() {
    let (library, database) = over_one_connection().await;
    let mut holding = library.world.database.begin(&library.ours);
    let held = holding.tenant(&library.ours).await.expect("rows");
    let shelves = held.find::<shelf::Entity>().for_update();
    shelves.all().await.expect("shelves");

    let mut work = database.begin(&library.ours);
    let rows = work.tenant(&library.ours).await.expect("rows");
    let shelves = rows.find::<shelf::Entity>().for_update();
    assert!(shelves.all().now_or_never().is_none(), "they are locked");
    drop(work);
    let mut waiting = pin!(colours(&database));
    assert!(
        waiting.as_mut().now_or_never().is_none(),
        "it waits for the connection"
    );
    drop(holding);
    assert_eq!(waiting.await.expect("a number"), 0);
}
