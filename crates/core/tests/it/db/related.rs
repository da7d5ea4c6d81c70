//! Rows that come with others: both have to be ours.

use tenantry_core::{
    db::{ColumnFilter as _, ContextJoins as _, DbError, Filter},
    orm::Order,
};
use tenantry_testkit::each_database;

use super::{
    library::{Library, id},
    tables::{book, shelf, sticker},
};

each_database! {
    async fn a_book_comes_with_our_shelf_and_never_their_twin(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let rows = library.read();
        let find = rows.find::<book::Entity>().order_by(book::Column::Id, Order::Asc);
        let found = find.with_related::<shelf::Entity>().all().await.expect("books");
        let found: Vec<_> = found
            .into_iter()
            .map(|(book, shelf)| {
                let shelf = shelf.expect("each stands on a shelf");
                assert_eq!((book.mark.as_str(), shelf.mark.as_str()), ("ours", "ours"));
                (book.id.as_u128(), shelf.id.as_u128())
            })
            .collect();
        assert_eq!(found, [(1, 1), (2, 1), (3, 2), (7, 7)]);
    }

    async fn a_related_row_that_only_another_organization_has_does_not_come(db: TestDatabase) {
        let library = Library::furnished(db).await;
        // Nothing holds a sticker to a shelf of its own organization: shelf 9 is theirs.
        for (n, shelf) in [(1, Some(1)), (2, Some(9)), (3, None)] {
            library.place_sticker(n, shelf).await;
        }
        let rows = library.read();
        let find = || rows.find::<sticker::Entity>().order_by(sticker::Column::Id, Order::Asc);
        let found = find().with_related::<shelf::Entity>().all().await.expect("stickers");
        let marks: Vec<_> = found
            .into_iter()
            .map(|(sticker, shelf)| (sticker.id.as_u128(), shelf.map(|shelf| shelf.mark)))
            .collect();
        assert_eq!(marks, [(1, Some("ours".to_owned())), (2, None), (3, None)]);

        let stickers = find().all().await.expect("stickers");
        let shelves = rows.load_many::<sticker::Entity, shelf::Entity>(&stickers).await;
        let marks: Vec<Vec<_>> = shelves
            .expect("shelves")
            .into_iter()
            .map(|shelves| shelves.into_iter().map(|shelf| shelf.mark).collect())
            .collect();
        assert_eq!(marks, [vec!["ours".to_owned()], vec![], vec![]]);
    }

    async fn one_with_its_related_row_is_the_first_of_all(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let rows = library.read();
        let one = |n| rows.find::<book::Entity>().filter(book::Column::Id.eq(id(n)));
        let found = one(1).with_related::<shelf::Entity>().one().await.expect("an answer");
        let (book, shelf) = found.expect("our book");
        assert_eq!(book.mark, "ours");
        assert_eq!(shelf.expect("our shelf").mark, "ours");
        assert!(one(9).with_related::<shelf::Entity>().one().await.expect("an answer").is_none());
    }

    async fn the_first_of_each_is_one_row_for_each_value(db: TestDatabase) {
        let library = Library::furnished(db).await;
        for (n, shelf) in [(1, 2), (2, 1), (3, 7)] {
            library.place_sticker(n, Some(shelf)).await;
        }
        let rows = library.read();
        let books = rows.find::<book::Entity>().with_related::<shelf::Entity>();
        let books = books.order_by(shelf::Column::Name, Order::Asc);
        let books = books.distinct_on_key(book::Column::ShelfId).await.expect("books");
        let shelves = books.iter().map(|(_, shelf)| shelf.as_ref().map(|shelf| shelf.id));
        assert!(shelves.eq([1, 2, 7].map(|n| Some(id(n)))));
        assert!(books.iter().all(|(book, _)| book.mark == "ours"));

        // All of them have one mark; the order says which one is the first.
        let stickers = rows.find::<sticker::Entity>().with_related::<shelf::Entity>();
        let stickers = stickers.order_by(shelf::Column::Name, Order::Asc);
        let found = stickers.distinct_on_key(sticker::Column::Mark).await.expect("stickers");
        let found: Vec<_> = found.iter().map(|(sticker, _)| sticker.id.as_u128()).collect();
        assert_eq!(found, [2]);
    }

    async fn a_pair_is_found_where_both_are_ours(db: TestDatabase) {
        let library = Library::furnished(db).await;
        // Shelf 9 is theirs.
        for (n, shelf) in [(1, Some(9)), (2, None), (3, Some(2)), (4, Some(1))] {
            library.place_sticker(n, shelf).await;
        }
        let rows = library.read();
        let find = || rows.find::<sticker::Entity>().order_by(sticker::Column::Id, Order::Asc);
        let pair = find().with_related::<shelf::Entity>().find_inner_join().await.expect("an answer");
        let (sticker, shelf) = pair.expect("a pair");
        assert_eq!((sticker.id, shelf.id, shelf.mark.as_str()), (id(3), id(2), "ours"));
        let foreign = find().filter(sticker::Column::ShelfId.eq(id(9)));
        let pair = foreign.with_related::<shelf::Entity>().find_inner_join().await.expect("an answer");
        assert_eq!(pair, None);
    }

    async fn a_filter_on_related_rows_cannot_bypass_the_scope(db: TestDatabase) {
        let library = Library::furnished(db).await;
        library.place_sticker(2, Some(9)).await;
        let rows = library.read();
        let mark = shelf::Column::Mark;
        let either = Filter::any([mark.eq("theirs"), mark.ne("theirs")]);
        let find = rows.find::<sticker::Entity>();
        let found = find.with_related::<shelf::Entity>().on(either).all().await.expect("stickers");
        assert!(found.iter().all(|(_, shelf)| shelf.is_none()));
        assert_eq!(found.len(), 1);
    }

    async fn a_filter_on_related_rows_does_not_filter_the_rows_themselves(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let rows = library.read();
        let find = rows.find::<book::Entity>().order_by(book::Column::Id, Order::Asc);
        let on = shelf::Column::Name.eq("Shelf 2");
        let found = find.with_related::<shelf::Entity>().on(on).all().await.expect("books");
        let with: Vec<_> = found.iter().map(|(_, shelf)| shelf.is_some()).collect();
        assert_eq!(with, [false, false, true, false]);
    }

    async fn related_rows_can_decide_the_order(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let rows = library.read();
        let found = rows.find::<book::Entity>().with_related::<shelf::Entity>();
        let found = found.order_by(shelf::Column::Name, Order::Desc).all().await.expect("books");
        let first: Vec<_> = found.iter().map(|(book, _)| book.shelf_id.as_u128()).collect();
        assert_eq!(first, [7, 2, 1, 1]);
    }

    async fn children_are_loaded_only_from_our_rows(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let rows = library.read();
        let find = rows.find::<shelf::Entity>().order_by(shelf::Column::Id, Order::Asc);
        let shelves = find.all().await.expect("shelves");
        let books = rows.load_many::<shelf::Entity, book::Entity>(&shelves).await.expect("books");
        assert!(books.iter().flatten().all(|book| book.mark == "ours"));
        let counts: Vec<_> = books.iter().map(Vec::len).collect();
        assert_eq!(counts, [2, 1, 1]);
    }

    async fn rows_with_the_same_parent_each_get_it(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let rows = library.read();
        let find = rows.find::<book::Entity>().order_by(book::Column::Id, Order::Asc);
        let books = find.all().await.expect("books");
        let shelves = rows.load_many::<book::Entity, shelf::Entity>(&books).await.expect("shelves");
        let names: Vec<Vec<_>> = shelves
            .iter()
            .map(|shelves| shelves.iter().map(|shelf| shelf.name.as_str()).collect())
            .collect();
        assert_eq!(names, [["Shelf 1"], ["Shelf 1"], ["Shelf 2"], ["Shelf 7"]]);
    }

    async fn children_of_more_parents_than_one_statement_binds_are_loaded_once(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let rows = library.read();
        let one = rows.find::<shelf::Entity>().filter(shelf::Column::Id.eq(id(1))).one().await;
        let parents = vec![one.expect("an answer").expect("a shelf"); 1_200];
        let books = rows.load_many::<shelf::Entity, book::Entity>(&parents).await.expect("books");
        assert_eq!(books.len(), 1_200);
        assert!(books.iter().all(|books| books.len() == 2));
    }

    async fn a_relation_through_a_third_table_is_refused(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let rows = library.read();
        let refusal = rows.find::<odd::Entity>().with_related::<book::Entity>().all().await;
        assert!(matches!(refusal, Err(DbError::InvalidEntity { .. })));
        let refusal = rows.load_many::<odd::Entity, book::Entity>(&[]).await;
        assert!(matches!(refusal, Err(DbError::InvalidEntity { .. })));
    }

    async fn a_relation_with_a_condition_of_its_own_is_refused(db: TestDatabase) {
        let library = Library::furnished(db).await;
        // `condition_type = "any"` would join the scope's condition with OR: shelf 9 would come.
        library.place_sticker(2, Some(9)).await;
        let rows = library.read();
        let refusal = rows.find::<odd::Entity>().with_related::<shelf::Entity>().all().await;
        assert!(matches!(refusal, Err(DbError::InvalidEntity { .. })), "{refusal:?}");
        let refusal = rows.load_many::<odd::Entity, shelf::Entity>(&[]).await;
        assert!(matches!(refusal, Err(DbError::InvalidEntity { .. })));
        let refusal = rows.find::<odd::Entity>().with_related::<sticker::Entity>().all().await;
        assert!(matches!(refusal, Err(DbError::InvalidEntity { .. })));
    }

    async fn a_relation_of_other_tables_is_refused(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let rows = library.read();
        let refusal = rows.find::<odd::Entity>().with_related::<super::tables::loan::Entity>().all().await;
        assert!(matches!(refusal, Err(DbError::InvalidEntity { .. })), "{refusal:?}");
    }
}

/// Stickers once more, with every relation that no scope covers.
mod odd {
    use tenantry_core::{
        id::{OrganizationId, Uuid},
        orm as sea_orm,
        orm::*,
        tenant_entity,
    };

    use super::super::tables::{book, loan, shelf, sticker};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "stickers")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub organization_id: OrganizationId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub shelf_id: Option<Uuid>,
        pub mark: String,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {
        #[sea_orm(
            belongs_to = "shelf::Entity",
            from = "Column::ShelfId",
            to = "shelf::Column::Id",
            on_condition = r#"shelf::Column::Mark.eq("theirs")"#,
            condition_type = "any"
        )]
        Shelf,
        #[sea_orm(
            belongs_to = "sticker::Entity",
            from = "Column::ShelfId",
            to = "sticker::Column::Id",
            on_condition = r#"sticker::Column::Mark.eq("theirs")"#
        )]
        Sticker,
    }

    impl Related<shelf::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Shelf.def()
        }
    }

    impl Related<sticker::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Sticker.def()
        }
    }

    impl Related<book::Entity> for Entity {
        fn to() -> RelationDef {
            <shelf::Entity as Related<book::Entity>>::to()
        }

        fn via() -> Option<RelationDef> {
            Some(Relation::Shelf.def().rev())
        }
    }

    impl Related<loan::Entity> for Entity {
        fn to() -> RelationDef {
            <shelf::Entity as Related<book::Entity>>::to()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}

    tenant_entity!(Entity);
}
