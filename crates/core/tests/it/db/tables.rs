//! The library's tables, and their entities, written as a module writes its own.

use tenantry_testkit::{Backend, TestDatabase};

/// Creates the tables; `{id}` and `{text}` are the types of each database.
///
/// They have no row-level security: what these tests prove holds without it.
pub(crate) async fn make(db: &TestDatabase) {
    let (id, text) = match db.backend() {
        Backend::Sqlite => ("uuid_blob", "text"),
        Backend::Postgres => ("uuid", "text COLLATE \"C\""),
    };
    let organization = format!("organization_id {id} NOT NULL REFERENCES organizations (id)");
    db.execute(&format!(
        "CREATE TABLE shelves (
            {organization}, id {id} NOT NULL, name {text} NOT NULL, mark text NOT NULL,
            PRIMARY KEY (organization_id, id)
        );
        CREATE UNIQUE INDEX shelves_organization_id_name_key ON shelves (organization_id, name);
        CREATE TABLE books (
            {organization}, id {id} NOT NULL, shelf_id {id} NOT NULL, title {text} NOT NULL,
            note text, pages bigint NOT NULL, mark text NOT NULL,
            added_at timestamp with time zone NOT NULL,
            PRIMARY KEY (organization_id, id),
            FOREIGN KEY (organization_id, shelf_id) REFERENCES shelves (organization_id, id)
        );
        CREATE TABLE stickers (
            {organization}, id {id} NOT NULL, shelf_id {id}, mark text NOT NULL,
            PRIMARY KEY (organization_id, id)
        );
        CREATE TABLE loans (
            {organization}, id {id} NOT NULL, book_id {id} NOT NULL,
            PRIMARY KEY (organization_id, id),
            FOREIGN KEY (organization_id, book_id) REFERENCES books (organization_id, id)
                DEFERRABLE INITIALLY DEFERRED
        );
        CREATE TABLE colours (id {id} PRIMARY KEY, name {text} NOT NULL);
        CREATE UNIQUE INDEX colours_name_key ON colours (name);
        CREATE UNIQUE INDEX colours_lower_name_key ON colours (lower(name));"
    ))
    .await;
    if db.backend() == Backend::Postgres {
        let tables = "shelves, books, stickers, loans, colours";
        db.execute(&format!(
            "GRANT SELECT, INSERT, UPDATE, DELETE ON {tables} TO PUBLIC"
        ))
        .await;
    }
}

/// Shelves: a tenant's, and the parents of books.
pub(crate) mod shelf {
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
    pub(crate) enum Relation {
        #[sea_orm(has_many = "super::book::Entity")]
        Books,
        #[sea_orm(has_many = "super::sticker::Entity")]
        Stickers,
    }

    impl Related<super::book::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Books.def()
        }
    }

    impl Related<super::sticker::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Stickers.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}

    tenant_entity!(Entity);
}

/// Books: a tenant's, on a shelf of the same organization.
pub(crate) mod book {
    use tenantry_core::{
        clock::Timestamp,
        id::{OrganizationId, Uuid},
        orm as sea_orm,
        orm::*,
        tenant_entity,
    };

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "books")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub organization_id: OrganizationId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub shelf_id: Uuid,
        pub title: String,
        pub note: Option<String>,
        pub pages: i64,
        pub mark: String,
        pub added_at: Timestamp,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {
        #[sea_orm(
            belongs_to = "super::shelf::Entity",
            from = "(Column::OrganizationId, Column::ShelfId)",
            to = "(super::shelf::Column::OrganizationId, super::shelf::Column::Id)"
        )]
        Shelf,
    }

    impl Related<super::shelf::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Shelf.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}

    tenant_entity!(Entity);
}

/// Stickers: a tenant's, but no key holds them to a shelf of their own organization.
pub(crate) mod sticker {
    use tenantry_core::{
        id::{OrganizationId, Uuid},
        orm as sea_orm,
        orm::*,
        tenant_entity,
    };

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
            belongs_to = "super::shelf::Entity",
            from = "Column::ShelfId",
            to = "super::shelf::Column::Id"
        )]
        Shelf,
    }

    impl Related<super::shelf::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Shelf.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}

    tenant_entity!(Entity);
}

/// Loans: a tenant's; whether the book exists is checked at the commit.
pub(crate) mod loan {
    use tenantry_core::{
        id::{OrganizationId, Uuid},
        orm as sea_orm,
        orm::*,
        tenant_entity,
    };

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "loans")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub organization_id: OrganizationId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub book_id: Uuid,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    tenant_entity!(Entity);
}

/// Colours: global rows.
pub(crate) mod colour {
    use tenantry_core::{global_entity, id::Uuid, orm as sea_orm, orm::*};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "colours")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    global_entity!(Entity);
}
