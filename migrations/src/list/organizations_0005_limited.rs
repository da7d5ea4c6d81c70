use sea_orm_migration::prelude::*;

/// A context knows whether its organization has quotas, and reads them only then.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let is_limited = ", o.seat_limit IS NOT NULL OR o.project_limit IS NOT NULL AS is_limited";
        replace(manager, is_limited).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        replace(manager, "").await
    }
}

async fn replace(manager: &SchemaManager<'_>, last: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    for (view, select) in [
        (
            "active_memberships",
            format!(
                "SELECT m.id AS membership_id, m.user_id, m.role, m.joined_at,
                        o.id AS organization_id, o.name, o.name_key, o.slug, o.created_at {last}
                 FROM organization_members m JOIN organizations o ON o.id = m.organization_id
                 WHERE o.is_active"
            ),
        ),
        (
            "live_tokens",
            format!(
                "SELECT t.id AS token_id, t.secret_hash, t.name AS token_name, t.last_four,
                        t.created_at AS token_created_at, t.expires_at, t.last_used_at, t.user_id,
                        m.id AS membership_id, m.role, o.id AS organization_id, o.slug {last}
                 FROM api_tokens t
                 JOIN organization_members m
                   ON m.organization_id = t.organization_id AND m.id = t.membership_id
                  AND m.user_id = t.user_id
                 JOIN organizations o ON o.id = t.organization_id
                 JOIN active_users u
                   ON u.user_id = t.user_id AND u.credential_epoch = t.credential_epoch
                 WHERE o.is_active"
            ),
        ),
    ] {
        let replaced = format!("DROP VIEW {view}; CREATE VIEW {view} AS {select}");
        connection.execute_unprepared(&replaced).await?;
    }
    Ok(())
}
