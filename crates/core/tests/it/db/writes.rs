//! Updates and deletions stay in the organization, and say which rows they mean.

use tenantry_core::db::{ColumnFilter as _, DbError, Filter};
use tenantry_testkit::each_database;

use super::{
    library::{Library, id, numbers},
    tables::book::{Column, Entity},
};

each_database! {
    async fn an_update_of_everything_changes_only_our_rows(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let changed = library.without_changing_theirs(library.write(async |rows| {
            let update = rows.update::<Entity>().filter(Column::Pages.gt(0));
            update.set(Column::Title, "Changed").add(Column::Pages, 5).exec().await
        }));
        assert_eq!(changed.await.expect("written"), 4);
        let books = library.read().find::<Entity>().all().await.expect("books");
        assert!(books.iter().all(|book| book.title == "Changed" && book.pages == 105));
    }

    async fn an_update_by_id_changes_ours_and_not_their_twin(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let changed = library.without_changing_theirs(library.write(async |rows| {
            let update = rows.update::<Entity>().filter(Column::Id.eq(id(1)));
            update.set(Column::Note, "read").returning().await
        }));
        let changed = changed.await.expect("written");
        assert_eq!(numbers(&changed), [1]);
        assert_eq!((changed[0].mark.as_str(), changed[0].note.as_deref()), ("ours", Some("read")));
    }

    async fn an_update_of_their_row_changes_nothing(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let changed = library.changing_nothing(library.write(async |rows| {
            let update = || rows.update::<Entity>().filter(Column::Id.eq(id(9)));
            assert_eq!(update().set(Column::Note, "mine").returning().await?, []);
            update().set(Column::Note, "mine").exec().await
        }));
        assert_eq!(changed.await.expect("an answer"), 0);
    }

    async fn an_update_can_set_null(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let noted = library.write(async |rows| {
            let one = || rows.update::<Entity>().filter(Column::Id.eq(id(1)));
            one().set(Column::Note, "read").exec().await?;
            one().set(Column::Note, None::<String>).returning().await
        });
        assert_eq!(noted.await.expect("written")[0].note, None);
    }

    async fn a_row_never_changes_its_organization(db: TestDatabase) {
        let library = Library::furnished(db).await;
        for organization in [library.theirs.organization(), library.ours.organization()] {
            let refusal = library.changing_nothing(library.write(async |rows| {
                let update = rows.update::<Entity>().filter(Column::Id.eq(id(7)));
                update.set(Column::OrganizationId, organization).exec().await
            }));
            assert!(matches!(refusal.await, Err(DbError::TenantMismatch)));
        }
        let refusal = library.changing_nothing(library.write(async |rows| {
            let update = rows.update::<Entity>().filter(Column::Id.eq(id(7)));
            update.add(Column::OrganizationId, 1).returning().await
        }));
        assert!(matches!(refusal.await, Err(DbError::TenantMismatch)));
    }

    async fn an_update_that_sets_nothing_is_refused(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let rows = library.read();
        let update = || rows.update::<Entity>().filter(Column::Id.eq(id(1)));
        assert!(matches!(update().exec().await, Err(DbError::EmptyUpdate)));
        assert!(matches!(update().returning().await, Err(DbError::EmptyUpdate)));
        let nothing = update().set_some(Column::Title, None::<String>);
        assert!(matches!(nothing.returning().await, Err(DbError::EmptyUpdate)));
    }

    async fn a_write_that_does_not_say_which_rows_is_refused(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let everything = [
            None,
            Some(Filter::all([])),
            Some(Filter::all([Filter::all([]), Filter::all([])])),
            Some(Filter::any([Filter::all([]), Column::Id.eq(id(1))])),
        ];
        for filter in everything {
            let written = library.changing_nothing(library.write(async |rows| {
                let mut update = rows.update::<Entity>().set(Column::Title, "Changed");
                let mut delete = rows.delete::<Entity>();
                if let Some(filter) = filter.clone() {
                    update = update.filter(filter.clone());
                    delete = delete.filter(filter);
                }
                assert!(matches!(update.exec().await, Err(DbError::MissingFilter)), "{filter:?}");
                assert!(matches!(delete.exec().await, Err(DbError::MissingFilter)), "{filter:?}");
                Ok(())
            }));
            written.await.expect("nothing to write");
        }
    }

    async fn a_deletion_of_everything_deletes_only_our_rows(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let gone = library.without_changing_theirs(library.write(async |rows| {
            rows.delete::<Entity>().filter(Column::Pages.gt(0)).exec().await
        }));
        assert_eq!(gone.await.expect("deleted"), 4);
        assert_eq!(library.read().find::<Entity>().count().await.expect("a number"), 0);
    }

    async fn a_deletion_by_id_deletes_ours_and_not_their_twin(db: TestDatabase) {
        let library = Library::furnished(db).await;
        for (n, expected) in [(1, 1), (1, 0), (9, 0)] {
            let gone = library.without_changing_theirs(library.write(async |rows| {
                rows.delete::<Entity>().filter(Column::Id.eq(id(n))).exec().await
            }));
            assert_eq!(gone.await.expect("an answer"), expected, "{n}");
        }
    }
}
