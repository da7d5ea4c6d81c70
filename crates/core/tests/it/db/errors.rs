//! Failures of the database, as facts that are the same on both.

use tenantry_core::{
    db::DbError,
    error::{DomainError as _, ErrorKind},
    orm::Set,
};
use tenantry_testkit::each_database;

use super::{
    library::{Library, id, new_book, new_shelf},
    tables::{book, colour, shelf},
};

each_database! {
    async fn a_broken_rule_has_the_same_name_on_both_databases(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let mut same_name = new_shelf(20);
        same_name.name = Set("Shelf 1".to_owned());
        let refusal = library.write(async |rows| rows.insert::<shelf::Entity>(same_name).await);
        let refusal = refusal.await.expect_err("the name is taken");
        assert!(refusal.is_duplicate_of("shelves_organization_id_name_key"), "{refusal:?}");
        assert!(!refusal.is_duplicate_of("shelves_pkey"));
    }

    async fn a_broken_primary_key_has_the_same_name_on_both_databases(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let refusal = library.write(async |rows| rows.insert::<book::Entity>(new_book(1, 1)).await);
        let refusal = refusal.await.expect_err("the id is taken");
        assert!(refusal.is_duplicate_of("books_pkey"), "{refusal:?}");
    }

    async fn a_broken_rule_on_an_expression_has_the_same_name_on_both_databases(db: TestDatabase) {
        let library = Library::empty(db).await;
        let colour = |n, name: &str| {
            let name = Set(name.to_owned());
            colour::ActiveModel { id: Set(id(n)), name }
        };
        let refusal = library.write_global(async |rows| {
            rows.insert::<colour::Entity>(colour(1, "red")).await?;
            rows.insert::<colour::Entity>(colour(2, "RED")).await
        });
        let refusal = refusal.await.expect_err("the same without its case");
        assert!(refusal.is_duplicate_of("colours_lower_name_key"), "{refusal:?}");
    }

    async fn their_rows_break_no_rule_of_ours(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let inserted = library.without_changing_theirs(library.write(async |rows| {
            rows.insert::<shelf::Entity>(new_shelf(9)).await
        }));
        inserted.await.expect("Shelf 9 is theirs, and another one may be ours");
    }

    async fn a_closed_database_is_unavailable_and_not_our_bug(db: TestDatabase) {
        let library = Library::furnished(db).await;
        library.world.database.close().await;
        let refusal = library.write(async |rows| rows.insert::<shelf::Entity>(new_shelf(20)).await);
        let refusal = refusal.await.expect_err("it is closed");
        assert!(matches!(refusal, DbError::Unavailable(_)), "{refusal:?}");
        assert_eq!(refusal.kind(), ErrorKind::Unavailable);
        let rows = library.world.database.read_global();
        let refusal = rows.find::<colour::Entity>().count().await.expect_err("it is closed");
        assert_eq!(refusal.kind(), ErrorKind::Unavailable);
    }
}
