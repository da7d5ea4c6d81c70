//! Reading stays in the organization.

use tenantry_core::db::{ColumnFilter as _, Filter};
use tenantry_core::orm::Order;
use tenantry_testkit::each_database;

use super::{
    library::{Library, id, numbers},
    tables::book::{Column, Entity},
};

each_database! {
    async fn finding_all_returns_only_our_rows(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let rows = library.read();
        let books = rows.find::<Entity>().all().await.expect("books");
        assert_eq!(numbers(&books), [1, 2, 3, 7]);
        assert!(books.iter().all(|book| book.mark == "ours"));
        assert!(books.iter().all(|book| book.organization_id == library.ours.organization()));
    }

    async fn each_organization_sees_its_own(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let rows = library.world.database.read(&library.theirs);
        let books = rows.find::<Entity>().all().await.expect("books");
        assert_eq!(numbers(&books), [1, 2, 3, 9]);
        assert!(books.iter().all(|book| book.mark == "theirs"));
    }

    async fn finding_one_by_id_finds_ours_and_never_their_twin(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let rows = library.read();
        let twin = rows.find::<Entity>().filter(Column::Id.eq(id(1))).one().await;
        assert_eq!(twin.expect("an answer").expect("our book").mark, "ours");
        let foreign = rows.find::<Entity>().filter(Column::Id.eq(id(9))).one().await;
        assert_eq!(foreign.expect("an answer"), None);
    }

    async fn counting_counts_only_our_rows(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let rows = library.read();
        assert_eq!(rows.find::<Entity>().count().await.expect("a number"), 4);
        let foreign = rows.find::<Entity>().filter(Column::Id.eq(id(9)));
        assert_eq!(foreign.count().await.expect("a number"), 0);
    }

    async fn only_our_rows_exist(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let rows = library.read();
        for (n, there) in [(1, true), (7, true), (9, false)] {
            let found = rows.find::<Entity>().filter(Column::Id.eq(id(n)));
            assert_eq!(found.exists().await.expect("an answer"), there, "{n}");
        }
    }

    async fn naming_their_organization_in_a_filter_finds_nothing(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let rows = library.read();
        let theirs = Column::OrganizationId.eq(library.theirs.organization());
        for filter in [theirs.clone(), theirs.and(Filter::all([]))] {
            assert_eq!(rows.find::<Entity>().filter(filter).count().await.expect("a number"), 0);
        }
    }

    async fn order_and_limit_apply_to_our_rows(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let rows = library.read();
        let last = rows.find::<Entity>().order_by(Column::Title, Order::Desc).limit(2).all().await;
        let titles: Vec<_> = last.expect("books").into_iter().map(|book| book.title).collect();
        assert_eq!(titles, ["Book 7", "Book 3"]);
    }

    async fn a_unit_of_work_can_serve_two_organizations_one_after_the_other(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let mut work = library.world.database.begin(&library.ours);
        for (grant, mark) in [(&library.ours, "ours"), (&library.theirs, "theirs")] {
            let rows = work.tenant(grant).await.expect("rows");
            let books = rows.find::<Entity>().all().await.expect("books");
            assert_eq!(books.len(), 4);
            assert!(books.iter().all(|book| book.mark == mark));
        }
    }
}
