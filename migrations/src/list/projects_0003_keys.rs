use sea_orm_migration::prelude::*;

use crate::{
    compatibility::runs_with,
    table::{create_index, drop_index, key_with_default},
};

/// As for organizations. The indexes of the old key go: the version before sorts without them.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "projects";
const BY_OLD_NAME: [&str; 4] = ["organization_id", "name_key", "id", "status"];
const OLD_NEWEST: [&str; 5] = ["organization_id", "created_at", "id", "status", "name_key"];
const BY_NAME: [&str; 5] = ["organization_id", "sort_key", "id", "status", "search_key"];
const NEWEST: [&str; 5] = [
    "organization_id",
    "created_at",
    "id",
    "status",
    "search_key",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for key in ["search_key", "sort_key"] {
            let key = key_with_default(manager, key);
            let alter = Table::alter().table(TABLE).add_column(key).take();
            manager.alter_table(alter).await?;
        }
        drop_index(manager, TABLE, &BY_OLD_NAME).await?;
        drop_index(manager, TABLE, &OLD_NEWEST).await?;
        create_index(manager, TABLE, &BY_NAME).await?;
        create_index(manager, TABLE, &NEWEST).await?;
        runs_with(manager, self, "migrations_0001_compatibility").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_index(manager, TABLE, &BY_NAME).await?;
        drop_index(manager, TABLE, &NEWEST).await?;
        create_index(manager, TABLE, &BY_OLD_NAME).await?;
        create_index(manager, TABLE, &OLD_NEWEST).await?;
        for key in ["sort_key", "search_key"] {
            let alter = Table::alter().table(TABLE).drop_column(key).take();
            manager.alter_table(alter).await?;
        }
        Ok(())
    }
}
