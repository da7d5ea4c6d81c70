use sea_orm_migration::prelude::*;

use crate::table::{publish_through_views, withdraw_from_views};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // What the projects module publishes across organizations: numbers, and no row.
        publish_through_views(manager, "projects").await?;
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
        withdraw_from_views(manager, "projects").await
    }
}
