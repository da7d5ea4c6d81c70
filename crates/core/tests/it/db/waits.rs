//! Waits inside Postgres end, and what is abandoned holds nothing.

use std::{sync::Arc, time::Duration};

use tenantry_core::{
    access::Actor,
    db::{CursorKey, Database, DatabaseOptions, DbError, UnitOfWork, WaitLimits},
};
use tenantry_testkit::{Backend, LONG_WAITS, TestDatabase};
use tokio::time::sleep;

use super::{
    library::Library,
    tables::{colour, shelf},
};

const SHORT: Duration = Duration::from_millis(200);

const WAITING: &str = "SELECT count(*) AS n FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'";

async fn library() -> Library {
    Library::furnished(TestDatabase::new(Backend::Postgres).await).await
}

/// The library's database, over one connection.
async fn opened(library: &Library, waits: WaitLimits) -> Database {
    let options = DatabaseOptions {
        url: library.world.raw.url().to_owned(),
        connections: 1,
        acquire_timeout: Duration::from_secs(10),
        waits,
        cursor_key: CursorKey::derive(b"a key for tests"),
    };
    let publisher = Arc::clone(&library.world.events);
    let opened = Database::open(options, library.world.runtime().clone(), publisher as _).await;
    opened.expect("the test database opens").database
}

/// Locks the shelves of our organization.
async fn lock(library: &Library, work: &mut UnitOfWork) -> Result<usize, DbError> {
    let rows = work.tenant(&library.ours).await?;
    let shelves = rows.find::<shelf::Entity>().for_update().all().await?;
    Ok(shelves.len())
}

async fn waiting(library: &Library) -> i64 {
    library.world.raw.number(WAITING).await
}

#[tokio::test]
async fn a_statement_that_waits_too_long_is_given_up() {
    let library = library().await;
    let mut holding = library.world.database.begin(&library.ours);
    lock(&library, &mut holding).await.expect("locked");
    let by_lock = WaitLimits {
        lock: SHORT,
        ..LONG_WAITS
    };
    let by_statement = WaitLimits {
        // Long enough for the statements before the one that waits, also on a busy machine.
        statement: Duration::from_secs(2),
        ..LONG_WAITS
    };
    for waits in [by_lock, by_statement] {
        let database = opened(&library, waits).await;
        let mut work = database.begin(&library.ours);
        let refused = lock(&library, &mut work).await;
        assert!(
            matches!(refused, Err(DbError::Unavailable(_))),
            "{refused:?}"
        );
        let refused = work.commit().await;
        assert!(matches!(refused, Err(DbError::RolledBack)), "{refused:?}");
    }
    drop(holding);
}

#[tokio::test]
async fn a_transaction_that_idles_holds_its_locks_no_longer() {
    let library = library().await;
    let waits = WaitLimits {
        idle_transaction: SHORT,
        ..LONG_WAITS
    };
    let database = opened(&library, waits).await;
    let mut idle = database.begin(&library.ours);
    assert_eq!(lock(&library, &mut idle).await.expect("locked"), 3);
    let mut other = library.world.database.begin(&library.ours);
    assert_eq!(lock(&library, &mut other).await.expect("free again"), 3);
    let refused = idle.commit().await;
    assert!(
        matches!(refused, Err(DbError::Unavailable(_))),
        "{refused:?}"
    );
    // The connection is replaced.
    let mut work = database.begin(Actor::system());
    let rows = work.global().await.expect("a connection");
    let colours = rows.find::<colour::Entity>().count().await;
    assert_eq!(colours.expect("a number"), 0);
}

#[tokio::test]
async fn an_abandoned_statement_frees_its_place_and_its_session_ends() {
    let library = library().await;
    let database = opened(&library, LONG_WAITS).await;
    let mut holding = library.world.database.begin(&library.ours);
    lock(&library, &mut holding).await.expect("locked");

    let mut work = database.begin(&library.ours);
    drop(work.tenant(&library.ours).await.expect("rows"));
    let begins_to_wait = async {
        while waiting(&library).await == 0 {
            sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        found = lock(&library, &mut work) => panic!("the rows are locked: {found:?}"),
        () = begins_to_wait => {}
    }
    drop(work);
    // The lock is still held.
    let mut next = database.begin(&library.ours);
    let rows = next.global().await.expect("a place");
    let colours = rows.find::<colour::Entity>().count().await;
    assert_eq!(colours.expect("a number"), 0);
    while waiting(&library).await > 0 {
        sleep(Duration::from_millis(20)).await;
    }
    drop(holding);
}
