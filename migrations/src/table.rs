//! What the tables have in common, said once.

use sea_orm_migration::prelude::*;

/// A tenant's table: keyed `(organization_id, id)`, and gone when its organization is.
///
/// Every tenant table is made here, so that none can forget what isolates it.
pub(crate) async fn create_tenant_table(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &mut [ColumnDef],
    keys: &mut [ForeignKeyCreateStatement],
) -> Result<(), DbErr> {
    let mut statement = Table::create();
    statement
        .table(table)
        .col(uuid("organization_id"))
        .col(uuid("id"));
    for column in columns {
        statement.col(column.take());
    }
    statement
        .primary_key(Index::create().col("organization_id").col("id"))
        .foreign_key(
            ForeignKey::create()
                .name(format!("{table}_organization_id_fkey"))
                .from(table, "organization_id")
                .to("organizations", "id")
                .on_delete(ForeignKeyAction::Cascade),
        );
    for key in keys {
        statement.foreign_key(key);
    }
    manager.create_table(statement).await?;
    enable_rls(manager, table).await
}

/// The organization that the current transaction was begun for, if any. After a transaction that
/// named one, Postgres leaves an empty text behind and not NULL.
pub(crate) const CURRENT: &str = "nullif(current_setting('app.organization_id', true), '')::uuid";

/// Row-level security: a transaction sees the rows of its organization, and without one none.
async fn enable_rls(manager: &SchemaManager<'_>, table: &'static str) -> Result<(), DbErr> {
    enable_rls_where(manager, table, &format!("organization_id = {CURRENT}")).await
}

/// Row-level security: on Postgres, a statement that lost its filter finds and writes no other
/// row than these. FORCE holds it for the owner of the table as well.
pub(crate) async fn enable_rls_where(
    manager: &SchemaManager<'_>,
    table: &'static str,
    ours: &str,
) -> Result<(), DbErr> {
    if manager.get_database_backend() != sea_orm::DbBackend::Postgres {
        return Ok(());
    }
    let policy = format!(
        "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
         ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
         CREATE POLICY tenant_isolation ON {table} USING ({ours}) WITH CHECK ({ours})"
    );
    let connection = manager.get_connection();
    connection.execute_unprepared(&policy).await.map(drop)
}

/// Lets the views of the migrating role read all rows of a table, and so publish some columns of
/// it across organizations. The application's own statements stay in one.
pub(crate) async fn allow_view_owner(
    manager: &SchemaManager<'_>,
    table: &'static str,
) -> Result<(), DbErr> {
    if manager.get_database_backend() != sea_orm::DbBackend::Postgres {
        return Ok(());
    }
    let policy = format!(
        "CREATE POLICY views_of_the_owner ON {table} FOR SELECT TO CURRENT_USER USING (true)"
    );
    let connection = manager.get_connection();
    connection.execute_unprepared(&policy).await.map(drop)
}

/// Takes back [`allow_view_owner`].
pub(crate) async fn deny_view_owner(
    manager: &SchemaManager<'_>,
    table: &'static str,
) -> Result<(), DbErr> {
    if manager.get_database_backend() != sea_orm::DbBackend::Postgres {
        return Ok(());
    }
    let policy = format!("DROP POLICY views_of_the_owner ON {table}");
    let connection = manager.get_connection();
    connection.execute_unprepared(&policy).await.map(drop)
}

/// An index named after what it holds.
pub(crate) async fn create_index(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    let mut index = Index::create();
    index
        .name(format!("{table}_{}_idx", columns.join("_")))
        .table(table);
    for column in columns {
        index.col(*column);
    }
    manager.create_index(index.take()).await
}

/// Takes back [`create_index`].
pub(crate) async fn drop_index(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    let mut index = Index::drop();
    index
        .name(format!("{table}_{}_idx", columns.join("_")))
        .table(table);
    manager.drop_index(index).await
}

/// Replaces a view by one with more columns at its end. On Postgres the views that read it stay.
pub(crate) async fn replace_view(
    manager: &SchemaManager<'_>,
    view: &str,
    options: &str,
    select: &str,
) -> Result<(), DbErr> {
    let replace = match manager.get_database_backend() {
        sea_orm::DbBackend::Postgres => format!("CREATE OR REPLACE VIEW {view} {options}"),
        _ => format!("DROP VIEW IF EXISTS {view}; CREATE VIEW {view}"),
    };
    let replace = format!("{replace} AS {select}");
    let connection = manager.get_connection();
    connection.execute_unprepared(&replace).await.map(drop)
}

/// A uniqueness rule, named as Postgres would name it, because modules tell their facts by it.
pub(crate) async fn create_unique(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    let mut index = Index::create();
    index
        .name(format!("{table}_{}_key", columns.join("_")))
        .table(table)
        .unique();
    for column in columns {
        index.col(*column);
    }
    manager.create_index(index.take()).await
}

pub(crate) fn uuid(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().take()
}

pub(crate) fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().take()
}

/// Text that is compared byte by byte on both databases, so that both sort it alike and an
/// index serves ranges of it.
pub(crate) fn key_text(manager: &SchemaManager<'_>, name: &'static str) -> ColumnDef {
    let mut column = text(name);
    if manager.get_database_backend() == sea_orm::DbBackend::Postgres {
        column.extra("COLLATE \"C\"");
    }
    column
}

/// As [`key_text`], empty where a version before does not fill it.
pub(crate) fn key_with_default(manager: &SchemaManager<'_>, name: &'static str) -> ColumnDef {
    key_text(manager, name).default("").take()
}

/// Text that is one of a few words.
pub(crate) fn word(name: &'static str, words: &[&'static str]) -> ColumnDef {
    text(name)
        .check(Expr::col(name).is_in(words.iter().copied()))
        .take()
}

pub(crate) fn flag(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).boolean().not_null().take()
}

pub(crate) fn time(name: &'static str) -> ColumnDef {
    ColumnDef::new(name)
        .timestamp_with_time_zone()
        .not_null()
        .take()
}
