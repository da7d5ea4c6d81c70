//! Rows opened for reading cannot be written: the databases themselves reject it, as they reject every
//! write of a database that is read-only.

use tenantry_core::{
    db::{ColumnFilter as _, DbError},
    orm::Set,
};
use tenantry_testkit::each_database;

use super::{
    library::{Library, id, new_shelf},
    tables::{colour, shelf},
};

each_database! {
    async fn rows_opened_for_reading_cannot_be_written(db: TestDatabase) {
        let library = Library::furnished(db).await;
        library.changing_nothing(async {
            // Postgres finds the condition of a read before a write, or a read-only transaction.
            // One statement each: Postgres aborts a transaction at its first failure.
            let inserted = library.read().insert::<shelf::Entity>(new_shelf(20)).await;
            assert!(matches!(inserted, Err(DbError::Statement(_) | DbError::Unavailable(_))), "{inserted:?}");
            let many = vec![new_shelf(20), new_shelf(21)];
            let inserted = library.read().insert_many::<shelf::Entity>(many).await;
            assert!(matches!(inserted, Err(DbError::Statement(_) | DbError::Unavailable(_))), "{inserted:?}");
            let rows = library.read();
            let update = rows.update::<shelf::Entity>().filter(shelf::Column::Id.eq(id(1)));
            let updated = update.set(shelf::Column::Name, "Changed").exec().await;
            assert!(matches!(updated, Err(DbError::Statement(_) | DbError::Unavailable(_))), "{updated:?}");
            let rows = library.read();
            let delete = rows.delete::<shelf::Entity>().filter(shelf::Column::Id.eq(id(1)));
            let deleted = delete.exec().await;
            assert!(matches!(deleted, Err(DbError::Statement(_) | DbError::Unavailable(_))), "{deleted:?}");
        })
        .await;
    }

    async fn global_rows_opened_for_reading_cannot_be_written(db: TestDatabase) {
        let library = Library::furnished(db).await;
        library.world.insert("colours", [("id", id(1).into()), ("name", "red".into())]).await;
        library.changing_nothing(async {
            let rows = library.world.database.read_global();
            let blue = colour::ActiveModel { id: Set(id(2)), name: Set("blue".to_owned()) };
            let inserted = rows.insert::<colour::Entity>(blue).await;
            assert!(matches!(inserted, Err(DbError::Unavailable(_))), "{inserted:?}");
            let update = rows.update::<colour::Entity>().filter(colour::Column::Id.eq(id(1)));
            let updated = update.set(colour::Column::Name, "green").exec().await;
            assert!(matches!(updated, Err(DbError::Unavailable(_))), "{updated:?}");
            let delete = rows.delete::<colour::Entity>().filter(colour::Column::Id.eq(id(1)));
            let deleted = delete.exec().await;
            assert!(matches!(deleted, Err(DbError::Unavailable(_))), "{deleted:?}");
        })
        .await;
    }
}
