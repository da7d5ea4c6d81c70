use sea_orm_migration::prelude::*;

use crate::table::{allow_view_owner, deny_view_owner};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // What the projects module publishes across organizations: numbers, and no row.
        allow_view_owner(manager, "projects").await?;
        manager
            .get_connection()
            .execute_unprepared(
                "CREATE VIEW project_usage AS
                 SELECT organization_id, count(*) AS projects, max(updated_at) AS last_activity
                 FROM projects GROUP BY organization_id",
            )
            .await
            .map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection
            .execute_unprepared("DROP VIEW project_usage")
            .await?;
        deny_view_owner(manager, "projects").await
    }
}
