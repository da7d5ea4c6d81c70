//! One database over several sets of connections, as the threads of a server have it.

use tenantry_core::db::{Backend, Database, DbError};
use tenantry_testkit::each_database;

use super::{library::Library, tables::shelf};

async fn shelves(database: &Database, library: &Library) -> Result<usize, DbError> {
    let rows = database.read(&library.ours);
    let shelves = rows.find::<shelf::Entity>().all().await?;
    assert!(shelves.iter().all(|shelf| shelf.mark == "ours"));
    Ok(shelves.len())
}

each_database! {
    async fn a_database_apart_is_the_same_one(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let apart = library.world.database.for_worker();
        assert_eq!(apart.backend(), library.world.database.backend());
        assert_eq!(shelves(&apart, &library).await.expect("read"), 3);
        // SQLite lends the same readers to all. On Postgres, what one holds is not the other's.
        if apart.backend() == Backend::Postgres {
            let mut held = Vec::new();
            for _ in 0..4 {
                let mut work = library.world.database.begin(&library.ours);
                work.global().await.expect("a connection");
                held.push(work);
            }
            let mut work = apart.begin(&library.ours);
            work.global().await.expect("a connection of its own");
        }
    }

    async fn closing_the_first_closes_all_that_are_apart(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let apart = [library.world.database.for_worker(), library.world.database.for_worker().for_worker()];
        for database in &apart {
            assert_eq!(shelves(database, &library).await.expect("read"), 3);
        }
        library.world.database.close().await;
        for database in &apart {
            let refused = shelves(database, &library).await;
            assert!(matches!(refused, Err(DbError::Unavailable(_))), "{refused:?}");
        }
    }
}
