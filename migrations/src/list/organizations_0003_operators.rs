use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for view in [
            // The memberships that operators see, those of disabled organizations included, but
            // not of organizations pending deletion.
            "CREATE VIEW known_memberships AS
             SELECT m.organization_id, m.id AS membership_id, m.user_id, m.role, m.joined_at,
                    o.name, o.slug
             FROM organization_members m JOIN organizations o ON o.id = m.organization_id
             WHERE o.deleted_at IS NULL",
            // Numbers, and no row.
            "CREATE VIEW member_counts AS
             SELECT organization_id, count(*) AS members
             FROM organization_members GROUP BY organization_id",
        ] {
            connection.execute_unprepared(view).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for view in ["member_counts", "known_memberships"] {
            let drop_view = format!("DROP VIEW {view}");
            connection.execute_unprepared(&drop_view).await?;
        }
        Ok(())
    }
}
