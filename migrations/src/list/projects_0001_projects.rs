use sea_orm_migration::prelude::*;

use crate::table::{create_index, create_tenant_table, key_text, text, time, word};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_tenant_table(
            manager,
            "projects",
            &mut [
                text("name"),
                key_text(manager, "name_key"),
                text("description"),
                word("status", &["draft", "active", "archived"]),
                ColumnDef::new("version").big_integer().not_null().take(),
                time("created_at"),
                time("updated_at"),
            ],
            &mut [],
        )
        .await?;
        // One index for each order of the list; `id` makes the order total, and what lists are
        // narrowed by stands behind it, so that most rows need not be looked up.
        let by_name = ["organization_id", "name_key", "id", "status"];
        let newest = ["organization_id", "created_at", "id", "status", "name_key"];
        create_index(manager, "projects", &by_name).await?;
        create_index(manager, "projects", &newest).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("projects").take())
            .await
    }
}
