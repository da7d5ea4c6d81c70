use sea_orm_migration::prelude::*;

use crate::{
    compatibility::runs_with,
    table::{create_index, create_tenant_table, create_unique, text, uuid},
};

/// What outlives a membership: an invitation is of no use to a person who left after it was sent.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // How many memberships of the organization ended, now and when the invitation was sent. A
        // count and not a time: clocks of several processes differ.
        for table in ["organizations", "invitations"] {
            let mut departures = count("departures");
            let alter = Table::alter()
                .table(table)
                .add_column(departures.default(0))
                .take();
            manager.alter_table(alter).await?;
        }
        create_index(manager, "invitations", &["invited_by"]).await?;
        let user = user_key("former_members");
        create_tenant_table(
            manager,
            "former_members",
            &mut [uuid("user_id"), count("departure")],
            &mut [user],
        )
        .await?;
        create_unique(manager, "former_members", &["organization_id", "user_id"]).await?;

        // The former members of a deleted organization of a dedicated deployment.
        let mut departed = Table::create();
        departed
            .table("departed_users")
            .col(text("slug"))
            .col(uuid("user_id"))
            .primary_key(Index::create().col("slug").col("user_id"))
            .foreign_key(&mut user_key("departed_users"));
        manager.create_table(departed).await?;

        replace_open_invitations(manager, ", i.departures").await?;
        manager
            .get_connection()
            .execute_unprepared(
                // What the sender may lose in several organizations.
                "CREATE VIEW sent_invitations AS
                 SELECT i.organization_id, i.id AS invitation_id, i.invited_by, i.expires_at
                 FROM invitations i JOIN organizations o ON o.id = i.organization_id
                 WHERE o.deleted_at IS NULL AND i.revoked_at IS NULL AND i.accepted_at IS NULL",
            )
            .await?;
        runs_with(manager, self, "migrations_0001_compatibility").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let drop_view = "DROP VIEW sent_invitations";
        connection.execute_unprepared(drop_view).await?;
        replace_open_invitations(manager, "").await?;
        for table in ["departed_users", "former_members"] {
            manager
                .drop_table(Table::drop().table(table).take())
                .await?;
        }
        let mut index = Index::drop();
        index
            .name("invitations_invited_by_idx")
            .table("invitations");
        manager.drop_index(index).await?;
        for table in ["invitations", "organizations"] {
            let alter = Table::alter().table(table).drop_column("departures").take();
            manager.alter_table(alter).await?;
        }
        Ok(())
    }
}

fn count(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

fn user_key(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("{table}_user_id_fkey"))
        .from(table, "user_id")
        .to("users", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .take()
}

async fn replace_open_invitations(manager: &SchemaManager<'_>, last: &str) -> Result<(), DbErr> {
    let replaced = format!(
        "DROP VIEW open_invitations;
         CREATE VIEW open_invitations AS
         SELECT i.id AS invitation_id, i.secret_hash, i.organization_id, i.email, i.role,
                i.sent_at, i.expires_at, i.max_uses, i.uses, i.revoked_at, i.accepted_at,
                i.invited_by,
                (SELECT m.role FROM organization_members m
                 JOIN active_users u ON u.user_id = m.user_id
                 WHERE m.organization_id = i.organization_id AND m.user_id = i.invited_by
                ) AS inviter_role,
                o.name, o.slug {last}
         FROM invitations i JOIN organizations o ON o.id = i.organization_id
         WHERE o.is_active"
    );
    let connection = manager.get_connection();
    connection.execute_unprepared(&replaced).await.map(drop)
}
