//! Composite foreign keys: the database itself keeps a row with its own organization's parents.

use tenantry_core::db::{ColumnFilter as _, DbError};
use tenantry_testkit::{Backend, each_database};

use super::{
    library::{Library, id, new_book},
    tables::book::{Column, Entity},
};

each_database! {
    async fn a_book_is_not_put_on_another_organizations_shelf(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let refusal = library.changing_nothing(library.write(async |rows| {
            rows.insert::<Entity>(new_book(20, 9)).await
        }));
        let refusal = refusal.await.expect_err("shelf 9 is theirs");
        assert!(matches!(refusal, DbError::ForeignKeyViolation(_)), "{refusal:?}");
    }

    async fn a_book_is_not_moved_to_another_organizations_shelf(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let refusal = library.changing_nothing(library.write(async |rows| {
            let update = rows.update::<Entity>().filter(Column::Id.eq(id(1)));
            update.set(Column::ShelfId, id(9)).exec().await
        }));
        let refusal = refusal.await.expect_err("shelf 9 is theirs");
        assert!(matches!(refusal, DbError::ForeignKeyViolation(_)), "{refusal:?}");
    }

    async fn a_foreign_shelf_is_rejected_like_an_unknown_one(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let mut refusals = Vec::new();
        for shelf in [9, 1_000] {
            let book = new_book(20, shelf);
            let refusal = library.write(async |rows| rows.insert::<Entity>(book).await).await;
            refusals.push(refusal.expect_err("no such shelf here").to_string());
        }
        assert_eq!(refusals[0], refusals[1]);
    }

    async fn a_key_without_the_organization_accepts_a_foreign_parent(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let kind = match library.world.raw.backend() {
            Backend::Sqlite => "uuid_blob",
            Backend::Postgres => "uuid",
        };
        let nine = library.literal(id(9));
        let ours = library.literal(library.ours.organization().uuid());
        let theirs = library.literal(library.theirs.organization().uuid());
        let plain = format!(
            "CREATE TABLE parents (organization_id {kind}, id {kind} PRIMARY KEY);
            CREATE TABLE children (
                organization_id {kind}, parent_id {kind} REFERENCES parents (id)
            );
            INSERT INTO parents VALUES ({theirs}, {nine});
            INSERT INTO children VALUES ({ours}, {nine})"
        );
        library.world.raw.try_execute(&plain).await.expect("a plain key sees no difference");
    }
}
