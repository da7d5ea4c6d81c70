use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Counted up whenever all credentials of a person end. A token remembers the count of its
        // making, so that none outlives it; a time would trust the clocks of all processes.
        let mut epoch = ColumnDef::new("credential_epoch");
        epoch.big_integer().not_null().default(1);
        let users = Table::alter().table("users").add_column(epoch).take();
        manager.alter_table(users).await?;

        let connection = manager.get_connection();
        // What the users module publishes: the users who may sign in, and the epoch of their tokens.
        connection
            .execute_unprepared(
                "CREATE VIEW active_users AS
                 SELECT u.id AS user_id, u.credential_epoch FROM users u WHERE u.is_active",
            )
            .await?;
        connection
            .execute_unprepared("DROP VIEW live_sessions")
            .await?;
        connection
            .execute_unprepared(
                "CREATE VIEW live_sessions AS
                 SELECT s.id AS session_id, s.key_hash, s.selected_organization,
                        s.last_seen_at, s.expires_at, u.id AS user_id, u.is_staff, u.is_superuser
                 FROM sessions s JOIN users u ON u.id = s.user_id
                 WHERE u.is_active",
            )
            .await
            .map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection
            .execute_unprepared("DROP VIEW live_sessions")
            .await?;
        connection
            .execute_unprepared(
                "CREATE VIEW live_sessions AS
                 SELECT s.id AS session_id, s.key_hash, s.selected_organization,
                        s.last_seen_at, s.expires_at, u.id AS user_id
                 FROM sessions s JOIN users u ON u.id = s.user_id
                 WHERE u.is_active",
            )
            .await?;
        connection
            .execute_unprepared("DROP VIEW active_users")
            .await?;
        let users = Table::alter()
            .table("users")
            .drop_column("credential_epoch")
            .take();
        manager.alter_table(users).await
    }
}
