//! A new row belongs to the organization of its scope.

use tenantry_core::{
    db::{ColumnFilter as _, DbError},
    orm::Set,
};
use tenantry_testkit::each_database;

use super::{
    library::{Library, id, new_book, new_shelf, numbers},
    tables::{book, colour, shelf},
};

each_database! {
    async fn a_new_row_gets_the_organization_of_its_scope(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let inserted = library.without_changing_theirs(library.write(async |rows| {
            rows.insert::<book::Entity>(new_book(20, 1)).await
        }));
        let inserted = inserted.await.expect("inserted");
        assert_eq!(inserted.organization_id, library.ours.organization());
        let rows = library.read();
        let found = rows.find::<book::Entity>().filter(book::Column::Id.eq(id(20)));
        assert_eq!(found.one().await.expect("an answer"), Some(inserted));
    }

    async fn many_new_rows_get_the_organization_of_their_scope(db: TestDatabase) {
        let library = Library::furnished(db).await;
        // More than one statement can bind on SQLite.
        let new: Vec<_> = (100..9_100).map(new_shelf).collect();
        let inserted = library.without_changing_theirs(library.write(async |rows| {
            rows.insert_many::<shelf::Entity>(new).await
        }));
        assert_eq!(inserted.await.expect("inserted"), 9_000);
        let found = library.read().find::<shelf::Entity>().count().await;
        assert_eq!(found.expect("a number"), 9_003);
    }

    async fn no_new_rows_are_nothing_to_insert(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let inserted = library.changing_nothing(library.write(async |rows| {
            rows.insert_many::<book::Entity>(Vec::new()).await
        }));
        assert_eq!(inserted.await.expect("nothing"), 0);
    }

    async fn a_row_may_name_the_organization_of_its_scope(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let mut new = new_book(20, 1);
        new.organization_id = Set(library.ours.organization());
        let inserted = library.write(async |rows| rows.insert::<book::Entity>(new).await);
        assert_eq!(numbers(&[inserted.await.expect("inserted")]), [20]);
    }

    async fn a_row_that_names_another_organization_is_refused(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let mut foreign = new_book(20, 1);
        foreign.organization_id = Set(library.theirs.organization());
        let one = foreign.clone();
        let refusal = library.changing_nothing(library.write(async |rows| {
            rows.insert::<book::Entity>(one).await
        }));
        assert!(matches!(refusal.await, Err(DbError::TenantMismatch)));
        let refusal = library.changing_nothing(library.write(async |rows| {
            rows.insert_many::<book::Entity>(vec![new_book(21, 1), foreign]).await
        }));
        assert!(matches!(refusal.await, Err(DbError::TenantMismatch)));
    }

    async fn their_row_with_the_same_id_is_not_in_the_way(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let inserted = library.without_changing_theirs(library.write(async |rows| {
            rows.insert::<book::Entity>(new_book(9, 1)).await
        }));
        assert_eq!(inserted.await.expect("inserted").mark, "ours");
    }

    async fn global_rows_are_inserted_updated_and_deleted(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let red = colour::ActiveModel { id: Set(id(1)), name: Set("red".to_owned()) };
        let inserted = library.write_global(async |rows| rows.insert::<colour::Entity>(red).await);
        inserted.await.expect("inserted");
        let renamed = library.write_global(async |rows| {
            let update = rows.update::<colour::Entity>().filter(colour::Column::Name.eq("red"));
            update.set(colour::Column::Name, "blue").exec().await
        });
        assert_eq!(renamed.await.expect("renamed"), 1);
        let rows = library.world.database.read_global();
        let found = rows.find::<colour::Entity>().all().await.expect("colours");
        assert_eq!(found, [colour::Model { id: id(1), name: "blue".to_owned() }]);
        let gone = library.write_global(async |rows| {
            rows.delete::<colour::Entity>().filter(colour::Column::Id.eq(id(1))).exec().await
        });
        assert_eq!(gone.await.expect("deleted"), 1);
    }

    async fn hooks_that_would_be_handed_a_connection_are_not_called(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let new = |n| hooked::ActiveModel {
            id: Set(id(n)),
            name: Set(format!("Hooked {n}")),
            mark: Set("ours".to_owned()),
            ..Default::default()
        };
        let written = library.write(async |rows| {
            rows.insert::<hooked::Entity>(new(20)).await?;
            rows.insert_many::<hooked::Entity>(vec![new(21)]).await?;
            let one = hooked::Column::Id.eq(id(20));
            let update = rows.update::<hooked::Entity>().filter(one.clone());
            update.set(hooked::Column::Name, "Changed").returning().await?;
            rows.delete::<hooked::Entity>().filter(one).exec().await
        });
        assert_eq!(written.await.expect("no hook panicked"), 1);
    }
}

/// Shelves again, with hooks that panic.
mod hooked {
    use async_trait::async_trait;
    use tenantry_core::{
        id::{OrganizationId, Uuid},
        orm as sea_orm,
        orm::*,
        tenant_entity,
    };

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "shelves")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub organization_id: OrganizationId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        pub mark: String,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    #[async_trait]
    impl ActiveModelBehavior for ActiveModel {
        async fn before_save<C>(self, _: &C, _: bool) -> Result<Self, DbErr>
        where
            C: ::sea_orm::ConnectionTrait,
        {
            panic!("before_save was called");
        }

        async fn after_save<C>(_: Model, _: &C, _: bool) -> Result<Model, DbErr>
        where
            C: ::sea_orm::ConnectionTrait,
        {
            panic!("after_save was called");
        }

        async fn before_delete<C>(self, _: &C) -> Result<Self, DbErr>
        where
            C: ::sea_orm::ConnectionTrait,
        {
            panic!("before_delete was called");
        }

        async fn after_delete<C>(self, _: &C) -> Result<Self, DbErr>
        where
            C: ::sea_orm::ConnectionTrait,
        {
            panic!("after_delete was called");
        }
    }

    tenant_entity!(Entity);
}
