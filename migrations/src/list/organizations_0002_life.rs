use sea_orm_migration::prelude::*;

use crate::table::{
    allow_view_owner, create_index, create_tenant_table, create_unique, text, time, uuid, word,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            // The settings. No query searches them, so they are text on both databases.
            ColumnDef::new("settings")
                .text()
                .not_null()
                .default("{}")
                .take(),
            // What operators allow; without a number there is no limit.
            ColumnDef::new("seat_limit").integer().take(),
            ColumnDef::new("project_limit").integer().take(),
            // From then on it is being erased, and nothing brings it back.
            ColumnDef::new("deleted_at")
                .timestamp_with_time_zone()
                .take(),
        ] {
            let organizations = Table::alter()
                .table("organizations")
                .add_column(column)
                .take();
            manager.alter_table(organizations).await?;
        }
        retired_slugs(manager).await?;
        invitations(manager).await?;
        tokens(manager).await?;
        views(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for view in ["active_owners", "live_tokens", "open_invitations"] {
            let drop_view = format!("DROP VIEW {view}");
            connection.execute_unprepared(&drop_view).await?;
        }
        for table in ["api_tokens", "invitations", "retired_slugs"] {
            manager
                .drop_table(Table::drop().table(table).take())
                .await?;
        }
        for column in ["deleted_at", "project_limit", "seat_limit", "settings"] {
            let organizations = Table::alter()
                .table("organizations")
                .drop_column(column)
                .take();
            manager.alter_table(organizations).await?;
        }
        Ok(())
    }
}

/// Slugs of deleted organizations: no new organization gets their links before the time is over.
async fn retired_slugs(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut retired = Table::create();
    retired
        .table("retired_slugs")
        .col(text("slug").primary_key())
        .col(time("until"));
    manager.create_table(retired).await
}

async fn invitations(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let invited_by = ForeignKey::create()
        .name("invitations_invited_by_fkey")
        .from("invitations", "invited_by")
        .to("users", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .take();
    create_tenant_table(
        manager,
        "invitations",
        &mut [
            // Without an address it is a link for several people.
            ColumnDef::new("email").text().take(),
            word("role", &["viewer", "member", "admin", "owner"]),
            text("secret_hash"),
            uuid("invited_by"),
            time("created_at"),
            // Of the secret that is valid now; an invitation that is sent again gets a new one.
            time("sent_at"),
            time("expires_at"),
            ColumnDef::new("max_uses").integer().not_null().take(),
            ColumnDef::new("uses").integer().not_null().take(),
            ColumnDef::new("revoked_at")
                .timestamp_with_time_zone()
                .take(),
            ColumnDef::new("accepted_at")
                .timestamp_with_time_zone()
                .take(),
        ],
        &mut [invited_by],
    )
    .await?;
    create_unique(manager, "invitations", &["organization_id", "secret_hash"]).await?;
    create_index(manager, "invitations", &["secret_hash"]).await?;
    create_index(
        manager,
        "invitations",
        &["organization_id", "created_at", "id"],
    )
    .await?;
    // One pending invitation per address.
    manager
        .get_connection()
        .execute_unprepared(
            "CREATE UNIQUE INDEX invitations_organization_id_email_key
             ON invitations (organization_id, email)
             WHERE email IS NOT NULL AND revoked_at IS NULL AND accepted_at IS NULL",
        )
        .await?;
    allow_view_owner(manager, "invitations").await
}

async fn tokens(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // A token belongs to a membership and is deleted with it; a user who joins again gets a new
    // membership.
    let membership = ForeignKey::create()
        .name("api_tokens_membership_id_fkey")
        .from("api_tokens", ("organization_id", "membership_id"))
        .to("organization_members", ("organization_id", "id"))
        .on_delete(ForeignKeyAction::Cascade)
        .take();
    let user = ForeignKey::create()
        .name("api_tokens_user_id_fkey")
        .from("api_tokens", "user_id")
        .to("users", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .take();
    create_tenant_table(
        manager,
        "api_tokens",
        &mut [
            uuid("membership_id"),
            uuid("user_id"),
            ColumnDef::new("credential_epoch")
                .big_integer()
                .not_null()
                .take(),
            text("name"),
            text("secret_hash"),
            text("last_four"),
            time("created_at"),
            ColumnDef::new("expires_at")
                .timestamp_with_time_zone()
                .take(),
            ColumnDef::new("last_used_at")
                .timestamp_with_time_zone()
                .take(),
        ],
        &mut [membership, user],
    )
    .await?;
    create_unique(manager, "api_tokens", &["organization_id", "secret_hash"]).await?;
    create_index(manager, "api_tokens", &["organization_id", "membership_id"]).await?;
    create_index(manager, "api_tokens", &["secret_hash"]).await?;
    create_index(manager, "api_tokens", &["user_id", "id"]).await?;
    allow_view_owner(manager, "api_tokens").await
}

/// What is read before a request has an organization.
async fn views(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    for view in [
        "CREATE VIEW active_owners AS
         SELECT m.organization_id, m.id AS membership_id, m.user_id
         FROM organization_members m JOIN active_users u ON u.user_id = m.user_id
         WHERE m.role = 'owner'",
        // A token is worth what its owner's membership is worth at this moment.
        "CREATE VIEW live_tokens AS
         SELECT t.id AS token_id, t.secret_hash, t.name AS token_name, t.last_four,
                t.created_at AS token_created_at, t.expires_at, t.last_used_at, t.user_id,
                m.id AS membership_id, m.role, o.id AS organization_id, o.slug
         FROM api_tokens t
         JOIN organization_members m
           ON m.organization_id = t.organization_id AND m.id = t.membership_id
          AND m.user_id = t.user_id
         JOIN organizations o ON o.id = t.organization_id
         JOIN active_users u
           ON u.user_id = t.user_id AND u.credential_epoch = t.credential_epoch
         WHERE o.is_active",
        // With the inviter's present role: an invitation grants no more than the inviter may grant.
        "CREATE VIEW open_invitations AS
         SELECT i.id AS invitation_id, i.secret_hash, i.organization_id, i.email, i.role,
                i.sent_at, i.expires_at, i.max_uses, i.uses, i.revoked_at, i.accepted_at,
                i.invited_by,
                (SELECT m.role FROM organization_members m
                 JOIN active_users u ON u.user_id = m.user_id
                 WHERE m.organization_id = i.organization_id AND m.user_id = i.invited_by
                ) AS inviter_role,
                o.name, o.slug
         FROM invitations i JOIN organizations o ON o.id = i.organization_id
         WHERE o.is_active",
    ] {
        connection.execute_unprepared(view).await?;
    }
    Ok(())
}
