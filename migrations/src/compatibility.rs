//! What a migration says about the programs that were released before it.
//!
//! Tables change in two steps, so that servers are replaced one by one. A release *expands*: it adds
//! tables, and columns that are nullable or have a default, and the version before runs on them. A
//! later release *contracts*: it removes what no supported version uses any more.

use sea_orm_migration::{
    MigrationName,
    prelude::{Expr, Query, SchemaManager},
    sea_orm::{DbErr, ExprTrait as _},
};

/// One row for each migration that says it.
pub(crate) const TABLE: &str = "migration_compatibility";

/// Says that a program can run on a database with this migration if it knows the migration `needs`:
/// the newest one of the version before if that version can, else a later one, such as the migration
/// itself. A migration that says nothing needs a program that knows it.
///
/// # Errors
/// When the database fails.
pub async fn runs_with(
    manager: &SchemaManager<'_>,
    migration: &(dyn MigrationName + Sync),
    needs: &str,
) -> Result<(), DbErr> {
    // A migration that was taken back and is applied again may say something else.
    let mut earlier = Query::delete();
    earlier
        .from_table(TABLE)
        .and_where(Expr::col("version").eq(migration.name()));
    manager.execute(earlier).await?;
    let mut row = Query::insert();
    row.into_table(TABLE)
        .columns(["version", "needs"])
        .values_panic([migration.name().into(), needs.into()]);
    manager.execute(row).await
}
