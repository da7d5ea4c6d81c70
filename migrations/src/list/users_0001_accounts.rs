use sea_orm_migration::prelude::*;

use crate::table::{create_index, create_unique, flag, text, time, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut users = Table::create();
        users
            .table("users")
            .col(uuid("id").primary_key())
            .col(text("email"))
            .col(text("name"))
            .col(text("password_hash"))
            .col(flag("is_active"))
            .col(flag("is_staff"))
            .col(flag("is_superuser"))
            .col(time("created_at"))
            .col(time("updated_at"));
        manager.create_table(users).await?;
        create_unique(manager, "users", &["email"]).await?;

        let mut sessions = Table::create();
        sessions
            .table("sessions")
            .col(uuid("id").primary_key())
            .col(text("key_hash"))
            .col(uuid("user_id"))
            // No foreign key: a session whose organization is gone must say so, not fall back.
            .col(ColumnDef::new("selected_organization").uuid())
            .col(ColumnDef::new("user_agent").text())
            .col(time("created_at"))
            .col(time("last_seen_at"))
            .col(time("expires_at"))
            .foreign_key(
                ForeignKey::create()
                    .name("sessions_user_id_fkey")
                    .from("sessions", "user_id")
                    .to("users", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            );
        manager.create_table(sessions).await?;
        create_unique(manager, "sessions", &["key_hash"]).await?;
        create_index(manager, "sessions", &["user_id"]).await?;

        // What the users module publishes for the one query that lets a request in.
        manager
            .get_connection()
            .execute_unprepared(
                "CREATE VIEW live_sessions AS
                 SELECT s.id AS session_id, s.key_hash, s.selected_organization,
                        s.last_seen_at, s.expires_at, u.id AS user_id
                 FROM sessions s JOIN users u ON u.id = s.user_id
                 WHERE u.is_active",
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection
            .execute_unprepared("DROP VIEW live_sessions")
            .await?;
        manager
            .drop_table(Table::drop().table("sessions").take())
            .await?;
        manager
            .drop_table(Table::drop().table("users").take())
            .await
    }
}
