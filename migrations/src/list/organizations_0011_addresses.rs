use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::{compatibility::runs_with, table::replace_view};

/// Whether the address of a member and of a token's owner is confirmed.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tokens(manager, &is_verified("t")).await?;
        profiles(manager, &is_verified("m")).await?;
        runs_with(manager, self, "migrations_0001_compatibility").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        // A replaced view keeps its columns on Postgres.
        for view in ["member_profiles", "live_tokens"] {
            let drop_view = format!("DROP VIEW {view}");
            connection.execute_unprepared(&drop_view).await?;
        }
        profiles(manager, "").await?;
        tokens(manager, "").await
    }
}

/// Whether the address of a row's account is confirmed.
fn is_verified(rows: &str) -> String {
    format!(
        ", EXISTS (SELECT 1 FROM verified_users v WHERE v.user_id = {rows}.user_id) AS email_verified"
    )
}

async fn tokens(manager: &SchemaManager<'_>, last: &str) -> Result<(), DbErr> {
    let select = format!(
        "SELECT t.id AS token_id, t.secret_hash, t.name AS token_name, t.last_four,
                t.created_at AS token_created_at, t.expires_at, t.last_used_at, t.user_id,
                m.id AS membership_id, m.role, o.id AS organization_id, o.slug,
                o.seat_limit IS NOT NULL OR o.project_limit IS NOT NULL AS is_limited {last}
         FROM api_tokens t
         JOIN organization_members m
           ON m.organization_id = t.organization_id AND m.id = t.membership_id
          AND m.user_id = t.user_id
         JOIN organizations o ON o.id = t.organization_id
         JOIN active_users u
           ON u.user_id = t.user_id AND u.credential_epoch = t.credential_epoch
         WHERE o.is_active"
    );
    replace_view(manager, "live_tokens", "", &select).await
}

async fn profiles(manager: &SchemaManager<'_>, last: &str) -> Result<(), DbErr> {
    // Row-level security holds as for the role that reads the view, not as for its owner.
    let of_invoker = match manager.get_database_backend() {
        DbBackend::Postgres => "WITH (security_invoker = true)",
        _ => "",
    };
    let select = format!(
        "SELECT m.organization_id, m.id, m.user_id, m.role, m.invited_by, m.invited_at,
                m.joined_at, p.email, p.name, p.name_key, p.is_active, p.search_key {last}
         FROM organization_members m JOIN user_profiles p ON p.user_id = m.user_id"
    );
    replace_view(manager, "member_profiles", of_invoker, &select).await
}
