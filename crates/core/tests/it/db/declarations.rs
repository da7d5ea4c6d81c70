//! The declaration of an entity must match its columns; every use of one that does not is rejected.

use tenantry_core::{
    db::{ColumnFilter as _, DbError},
    orm::Set,
};
use tenantry_testkit::each_database;

use super::library::{Library, id};

/// Uses an entity in every way there is, and checks that every one is refused.
macro_rules! refused {
    ($rows:expr, $module:ident) => {{
        let rows = $rows;
        let new = || $module::ActiveModel {
            id: Set(id(50)),
            ..Default::default()
        };
        let one = || $module::Column::Id.eq(id(1));
        let refusals = [
            rows.find::<$module::Entity>().all().await.err(),
            rows.find::<$module::Entity>()
                .filter(one())
                .one()
                .await
                .err(),
            rows.find::<$module::Entity>().count().await.err(),
            rows.find::<$module::Entity>().exists().await.err(),
            rows.insert::<$module::Entity>(new()).await.err(),
            rows.insert_many::<$module::Entity>(vec![new()]).await.err(),
            rows.update::<$module::Entity>()
                .filter(one())
                .add($module::Column::Id, 1)
                .exec()
                .await
                .err(),
            rows.delete::<$module::Entity>()
                .filter(one())
                .exec()
                .await
                .err(),
        ];
        for (n, refusal) in refusals.into_iter().enumerate() {
            assert!(
                matches!(refusal, Some(DbError::InvalidEntity { .. })),
                "{n}: {refusal:?}"
            );
        }
    }};
}

each_database! {
    async fn a_tenants_table_without_an_organization_is_refused(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let mut work = library.world.database.begin(&library.ours);
        refused!(work.tenant(&library.ours).await.expect("rows"), tenantless);
    }

    async fn a_global_table_with_an_organization_is_refused(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let mut work = library.world.database.begin(&library.ours);
        refused!(work.global().await.expect("rows"), leaking);
    }

    async fn another_spelling_of_the_column_hides_nothing(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let mut work = library.world.database.begin(&library.ours);
        // Names of columns ignore case on SQLite.
        refused!(work.global().await.expect("rows"), shouting);
    }

    async fn a_second_organization_column_is_refused(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let mut work = library.world.database.begin(&library.ours);
        refused!(work.tenant(&library.ours).await.expect("rows"), twofold);
    }

    async fn a_column_that_is_read_through_sql_of_its_own_is_refused(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let mut work = library.world.database.begin(&library.ours);
        refused!(work.tenant(&library.ours).await.expect("rows"), cast);
    }

    async fn a_column_that_is_written_through_sql_of_its_own_is_refused(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let mut work = library.world.database.begin(&library.ours);
        refused!(work.tenant(&library.ours).await.expect("rows"), cast_in);
    }

    async fn a_name_that_is_more_than_a_name_is_refused(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let mut work = library.world.database.begin(&library.ours);
        refused!(work.tenant(&library.ours).await.expect("rows"), quoting);
    }

    async fn a_table_declared_cross_tenant_is_visible_across_organizations(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let rows = library.world.database.read_global();
        assert_eq!(rows.find::<spanning::Entity>().count().await.expect("a number"), 6);
    }
}

/// Declares an entity over a table of the library.
macro_rules! entity {
    ($(#[$doc:meta])* $module:ident of $table:literal as $declare:ident $($reason:literal)? {
        $($(#[$meta:meta])* $field:ident: $type:ty,)*
    }) => {
        $(#[$doc])*
        mod $module {
            use tenantry_core::{id::Uuid, orm as sea_orm, orm::*};

            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub(crate) struct Model {
                #[sea_orm(primary_key, auto_increment = false)]
                pub id: Uuid,
                $($(#[$meta])* pub $field: $type,)*
            }

            #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
            pub(crate) enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}

            tenantry_core::$declare!(Entity $(, cross_tenant: $reason)?);
        }
    };
}

entity! {
    /// Global colours, declared as a tenant's.
    tenantless of "colours" as tenant_entity {
        name: String,
    }
}

entity! {
    /// A tenant's books, declared as global.
    leaking of "books" as global_entity {
        organization_id: Uuid,
    }
}

entity! {
    /// The same, with the column in capitals.
    shouting of "books" as global_entity {
        #[sea_orm(column_name = "ORGANIZATION_ID")]
        owner: Uuid,
    }
}

entity! {
    /// One column under two names: an update could set the one that nothing checks.
    twofold of "books" as tenant_entity {
        organization_id: Uuid,
        #[sea_orm(column_name = "Organization_Id")]
        owner: Uuid,
    }
}

entity! {
    /// `CAST("title" AS text) FROM books --)`: the titles of every organization.
    cast of "books" as tenant_entity {
        organization_id: Uuid,
        #[sea_orm(select_as = "text) FROM books --")]
        title: String,
    }
}

entity! {
    /// A value that is written as what a query finds.
    cast_in of "books" as tenant_entity {
        organization_id: Uuid,
        #[sea_orm(save_as = "text) || (SELECT max(title) FROM books")]
        title: String,
    }
}

entity! {
    /// A name that would have to be escaped.
    quoting of "books" as tenant_entity {
        organization_id: Uuid,
        #[sea_orm(column_name = "title\" FROM books --")]
        title: String,
    }
}

entity! {
    /// A tenant's shelves, declared cross-tenant with a reason.
    spanning of "shelves" as global_entity "a test of exactly this" {
        organization_id: Uuid,
    }
}
