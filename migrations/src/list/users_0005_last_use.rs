use sea_orm_migration::prelude::*;

use crate::compatibility::runs_with;

/// When each account used one of its sessions last, for operators.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let view = "CREATE VIEW account_last_use AS
             SELECT user_id, max(last_seen_at) AS last_seen_at FROM sessions GROUP BY user_id";
        manager.get_connection().execute_unprepared(view).await?;
        runs_with(manager, self, "migrations_0001_compatibility").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drop_view = "DROP VIEW account_last_use";
        let connection = manager.get_connection();
        connection.execute_unprepared(drop_view).await.map(drop)
    }
}
