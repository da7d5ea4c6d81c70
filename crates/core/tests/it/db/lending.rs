//! Connections to Postgres go from hand to hand, and nothing goes with them.

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

/// A library, and its database over one connection, which whoever comes second waits for.
async fn over_one_connection() -> (Library, Database) {
    let library = Library::furnished(TestDatabase::new(Backend::Postgres).await).await;
    let database = library.opened(1, library.world.events.clone()).await;
    (library, database)
}

/// Over the connection that writes, which is lent as those that read are.
async fn colours(database: &Database) -> Result<u64, DbError> {
    let mut work = database.begin(Actor::system());
    let rows = work.global().await?;
    rows.find::<colour::Entity>().count().await
}

#[tokio::test]
async fn whoever_is_handed_a_connection_sees_nothing_of_the_transaction_before() {
    let (library, database) = over_one_connection().await;
    let mut work = database.begin(&library.ours);
    let rows = work.global().await.expect("rows");
    let red = colour::ActiveModel {
        id: Set(id(1)),
        name: Set("red".to_owned()),
    };
    rows.insert::<colour::Entity>(red).await.expect("inserted");

    let mut waiting = pin!(colours(&database));
    assert!(waiting.as_mut().now_or_never().is_none(), "he waits");
    drop(work);
    assert_eq!(waiting.await.expect("a number"), 0);
}

#[tokio::test]
async fn a_beginning_that_nobody_waits_for_leaves_no_transaction_open() {
    const OPEN: &str = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tenantry'
        AND datname = current_database() AND state LIKE 'idle in transaction%'";

    let (library, database) = over_one_connection().await;
    // Given up as soon as it was sent, unless Postgres was faster.
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
    let mut looks = 0;
    while library.world.raw.number(OPEN).await > 0 {
        looks += 1;
        assert!(looks < 100, "the transaction stays open");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn whoever_gave_up_waiting_keeps_no_connection_from_the_next() {
    let (library, database) = over_one_connection().await;
    for _ in 0..3 {
        let mut work = database.begin(&library.ours);
        work.global().await.expect("a connection");
        assert!(colours(&database).now_or_never().is_none(), "he gives up");
        let mut waiting = pin!(colours(&database));
        assert!(waiting.as_mut().now_or_never().is_none(), "he waits");
        drop(work);
        assert_eq!(waiting.await.expect("a number"), 0);
    }
}

#[tokio::test]
async fn whoever_gives_up_with_a_connection_in_his_hand_hands_it_on() {
    let (library, database) = over_one_connection().await;
    let mut work = database.begin(&library.ours);
    work.global().await.expect("a connection");
    {
        let mut first = pin!(colours(&database));
        assert!(first.as_mut().now_or_never().is_none(), "he waits");
        drop(work);
        // Now it is his, and he does not take it.
    }
    assert_eq!(colours(&database).await.expect("a number"), 0);
}

#[tokio::test]
async fn a_statement_that_failed_costs_the_next_nothing() {
    let (library, database) = over_one_connection().await;
    let mut work = database.begin(&library.ours);
    let rows = work.tenant(&library.ours).await.expect("rows");
    let twice = rows.insert::<shelf::Entity>(new_shelf(1)).await;
    assert!(
        matches!(twice, Err(DbError::UniqueViolation { .. })),
        "{twice:?}"
    );

    let mut waiting = pin!(colours(&database));
    assert!(waiting.as_mut().now_or_never().is_none(), "he waits");
    drop(work);
    assert_eq!(waiting.await.expect("a number"), 0);
}

#[tokio::test]
async fn a_statement_that_was_given_up_costs_the_next_nothing() {
    let (library, database) = over_one_connection().await;
    let mut holding = library.world.database.begin(&library.ours);
    let held = holding.tenant(&library.ours).await.expect("rows");
    let shelves = held.find::<shelf::Entity>().for_update();
    shelves.all().await.expect("shelves");

    let mut work = database.begin(&library.ours);
    let rows = work.tenant(&library.ours).await.expect("rows");
    let shelves = rows.find::<shelf::Entity>().for_update();
    assert!(shelves.all().now_or_never().is_none(), "they are held");
    drop(work);
    let mut waiting = pin!(colours(&database));
    assert!(waiting.as_mut().now_or_never().is_none(), "he waits");
    drop(holding);
    assert_eq!(waiting.await.expect("a number"), 0);
}
