use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::{
    compatibility::runs_with,
    table::{create_index, create_unique, replace_view},
};

/// Invitations that are mailed, with a secret of their own, and declined ones.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "invitations";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut columns = [
            // The digest of the secret that was mailed, and how often one was made.
            ColumnDef::new("mail_hash").text().take(),
            ColumnDef::new("mail_number")
                .big_integer()
                .not_null()
                .default(0)
                .take(),
            ColumnDef::new("declined_at")
                .timestamp_with_time_zone()
                .take(),
        ];
        for column in &mut columns {
            let alter = Table::alter().table(TABLE).add_column(column).take();
            manager.alter_table(alter).await?;
        }
        create_unique(manager, TABLE, &["organization_id", "mail_hash"]).await?;
        // Most invitations of a large table have none, so SQLite would rather read it all than use an index
        // with them.
        manager
            .get_connection()
            .execute_unprepared(
                "CREATE INDEX invitations_mail_hash_idx ON invitations (mail_hash)
                 WHERE mail_hash IS NOT NULL",
            )
            .await?;
        create_index(manager, TABLE, &["email"]).await?;
        one_open(manager, "AND declined_at IS NULL").await?;
        open(manager, NEW_COLUMNS).await?;
        sent(manager, "AND i.declined_at IS NULL").await?;
        states(manager, ", i.declined_at").await?;
        runs_with(manager, self, "migrations_0001_compatibility").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        // A replaced view keeps its columns on Postgres.
        for view in ["invitation_states", "sent_invitations", "open_invitations"] {
            let drop_view = format!("DROP VIEW {view}");
            connection.execute_unprepared(&drop_view).await?;
        }
        // To the version before, a declined invitation is a revoked one.
        connection
            .execute_unprepared(
                "UPDATE invitations SET revoked_at = declined_at
                 WHERE declined_at IS NOT NULL AND revoked_at IS NULL",
            )
            .await?;
        one_open(manager, "").await?;
        states(manager, "").await?;
        sent(manager, "").await?;
        open(manager, "").await?;
        for index in [
            "invitations_organization_id_mail_hash_key",
            "invitations_mail_hash_idx",
            "invitations_email_idx",
        ] {
            let mut drop_index = Index::drop();
            drop_index.name(index).table(TABLE);
            manager.drop_index(drop_index).await?;
        }
        for column in ["declined_at", "mail_number", "mail_hash"] {
            let alter = Table::alter().table(TABLE).drop_column(column).take();
            manager.alter_table(alter).await?;
        }
        Ok(())
    }
}

const NEW_COLUMNS: &str = ", i.mail_hash, i.mail_number, i.declined_at,
    i.email IS NOT NULL AND EXISTS (
      SELECT 1 FROM organization_members m
      JOIN user_profiles p ON p.user_id = m.user_id
      WHERE m.organization_id = i.organization_id AND p.email = i.email
    ) AS has_joined";

/// One open invitation per address.
async fn one_open(manager: &SchemaManager<'_>, open: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    for sql in [
        "DROP INDEX invitations_organization_id_email_key".to_owned(),
        format!(
            "CREATE UNIQUE INDEX invitations_organization_id_email_key
             ON invitations (organization_id, email)
             WHERE email IS NOT NULL AND revoked_at IS NULL AND accepted_at IS NULL {open}"
        ),
    ] {
        connection.execute_unprepared(&sql).await?;
    }
    Ok(())
}

async fn open(manager: &SchemaManager<'_>, last: &str) -> Result<(), DbErr> {
    let select = format!(
        "SELECT i.id AS invitation_id, i.secret_hash, i.organization_id, i.email, i.role,
                i.sent_at, i.expires_at, i.max_uses, i.uses, i.revoked_at, i.accepted_at,
                i.invited_by,
                (SELECT m.role FROM organization_members m
                 JOIN active_users u ON u.user_id = m.user_id
                 WHERE m.organization_id = i.organization_id AND m.user_id = i.invited_by
                ) AS inviter_role,
                o.name, o.slug, i.departures {last}
         FROM invitations i JOIN organizations o ON o.id = i.organization_id
         WHERE o.is_active"
    );
    replace_view(manager, "open_invitations", "", &select).await
}

async fn sent(manager: &SchemaManager<'_>, open: &str) -> Result<(), DbErr> {
    let select = format!(
        "SELECT i.organization_id, i.id AS invitation_id, i.invited_by, i.expires_at
         FROM invitations i JOIN organizations o ON o.id = i.organization_id
         WHERE o.deleted_at IS NULL AND i.revoked_at IS NULL AND i.accepted_at IS NULL {open}"
    );
    replace_view(manager, "sent_invitations", "", &select).await
}

async fn states(manager: &SchemaManager<'_>, last: &str) -> Result<(), DbErr> {
    // Row-level security holds as for the role that reads the view, not as for its owner.
    let of_invoker = match manager.get_database_backend() {
        DbBackend::Postgres => "WITH (security_invoker = true)",
        _ => "",
    };
    let select = format!(
        "SELECT i.organization_id, i.id, i.email, i.role, i.invited_by, i.created_at,
                i.sent_at, i.expires_at, i.max_uses, i.uses, i.revoked_at, i.accepted_at,
                (SELECT m.role FROM organization_members m
                 JOIN active_users u ON u.user_id = m.user_id
                 WHERE m.organization_id = i.organization_id AND m.user_id = i.invited_by
                ) AS inviter_role,
                i.email IS NOT NULL AND EXISTS (
                  SELECT 1 FROM organization_members m
                  JOIN user_profiles p ON p.user_id = m.user_id
                  WHERE m.organization_id = i.organization_id AND p.email = i.email
                ) AS has_joined {last}
         FROM invitations i"
    );
    replace_view(manager, "invitation_states", of_invoker, &select).await
}
