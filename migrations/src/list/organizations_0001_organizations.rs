use sea_orm_migration::prelude::*;

use crate::table::{
    allow_view_owner, create_index, create_tenant_table, create_unique, flag, key_text, text, time,
    uuid, word,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut organizations = Table::create();
        organizations
            .table("organizations")
            .col(uuid("id").primary_key())
            .col(text("name"))
            .col(key_text(manager, "name_key"))
            .col(text("slug"))
            .col(flag("is_active"))
            .col(time("created_at"))
            .col(time("updated_at"));
        manager.create_table(organizations).await?;
        create_unique(manager, "organizations", &["slug"]).await?;
        create_index(manager, "organizations", &["name_key", "id"]).await?;

        let user = |column: &'static str, action| {
            ForeignKey::create()
                .name(format!("organization_members_{column}_fkey"))
                .from("organization_members", column)
                .to("users", "id")
                .on_delete(action)
                .take()
        };
        create_tenant_table(
            manager,
            "organization_members",
            &mut [
                uuid("user_id"),
                word("role", &["viewer", "member", "admin", "owner"]),
                ColumnDef::new("invited_by").uuid().take(),
                ColumnDef::new("invited_at")
                    .timestamp_with_time_zone()
                    .take(),
                time("joined_at"),
            ],
            &mut [
                user("user_id", ForeignKeyAction::Cascade),
                user("invited_by", ForeignKeyAction::SetNull),
            ],
        )
        .await?;
        create_unique(
            manager,
            "organization_members",
            &["organization_id", "user_id"],
        )
        .await?;
        create_index(
            manager,
            "organization_members",
            &["organization_id", "joined_at", "id"],
        )
        .await?;
        // A person's own memberships, oldest first: the default organization.
        create_index(
            manager,
            "organization_members",
            &["user_id", "joined_at", "id"],
        )
        .await?;

        allow_view_owner(manager, "organization_members").await?;
        // The one picture of who belongs where; a disabled organization is not in it.
        manager
            .get_connection()
            .execute_unprepared(
                "CREATE VIEW active_memberships AS
                 SELECT m.id AS membership_id, m.user_id, m.role, m.joined_at,
                        o.id AS organization_id, o.name, o.name_key, o.slug, o.created_at
                 FROM organization_members m JOIN organizations o ON o.id = m.organization_id
                 WHERE o.is_active",
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection
            .execute_unprepared("DROP VIEW active_memberships")
            .await?;
        let members = Table::drop().table("organization_members").take();
        manager.drop_table(members).await?;
        manager
            .drop_table(Table::drop().table("organizations").take())
            .await
    }
}
