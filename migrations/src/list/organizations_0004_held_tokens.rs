use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .get_connection()
            .execute_unprepared(
                // The tokens that a membership or a password ends, in active and in disabled
                // organizations. An organization pending deletion has none.
                "CREATE VIEW held_tokens AS
                 SELECT t.organization_id, t.id AS token_id, t.user_id, t.name AS token_name,
                        t.last_four, t.expires_at
                 FROM api_tokens t
                 JOIN organizations o ON o.id = t.organization_id
                 JOIN active_users u
                   ON u.user_id = t.user_id AND u.credential_epoch = t.credential_epoch
                 WHERE o.deleted_at IS NULL",
            )
            .await
            .map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drop_view = "DROP VIEW held_tokens";
        let connection = manager.get_connection();
        connection.execute_unprepared(drop_view).await.map(drop)
    }
}
