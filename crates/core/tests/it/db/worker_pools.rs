//! One database over several connection pools, one for each worker of a server.

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
    async fn a_workers_database_has_the_same_rows_and_its_own_connections(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let worker = library.world.database.for_worker();
        assert_eq!(worker.backend(), library.world.database.backend());
        assert_eq!(shelves(&worker, &library).await.expect("read"), 3);
        // Only on Postgres has each worker connections of its own.
        if worker.backend() == Backend::Postgres {
            let mut held = Vec::new();
            for _ in 0..4 {
                let mut work = library.world.database.begin(&library.ours);
                work.global().await.expect("a connection");
                held.push(work);
            }
            let mut work = worker.begin(&library.ours);
            work.global().await.expect("a connection of its own");
        }
    }

    async fn closing_a_database_closes_those_of_its_workers(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let worker = library.world.database.for_worker();
        let workers = [worker.for_worker(), worker];
        for database in &workers {
            assert_eq!(shelves(database, &library).await.expect("read"), 3);
        }
        library.world.database.close().await;
        for database in &workers {
            let refused = shelves(database, &library).await;
            assert!(matches!(refused, Err(DbError::Unavailable(_))), "{refused:?}");
        }
    }
}
