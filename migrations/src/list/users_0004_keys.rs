use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::{
    compatibility::runs_with,
    table::{key_with_default, replace_view},
};

/// Names are searched in any case of any script. The version before fills `name_key` only, so the new
/// key has a default, and `migrate up` computes what is missing.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let key = key_with_default(manager, "search_key");
        let users = Table::alter().table("users").add_column(key).take();
        manager.alter_table(users).await?;
        profiles(manager, ", u.search_key").await?;
        runs_with(manager, self, "migrations_0001_compatibility").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let none = match manager.get_database_backend() {
            // Other views read this one, so no column can be taken from it.
            DbBackend::Postgres => ", CAST('' AS text) COLLATE \"C\" AS search_key",
            _ => "",
        };
        profiles(manager, none).await?;
        let users = Table::alter()
            .table("users")
            .drop_column("search_key")
            .take();
        manager.alter_table(users).await
    }
}

async fn profiles(manager: &SchemaManager<'_>, key: &str) -> Result<(), DbErr> {
    let select = format!(
        "SELECT u.id AS user_id, u.email, u.name, u.name_key, u.is_active {key} FROM users u"
    );
    replace_view(manager, "user_profiles", "", &select).await
}
