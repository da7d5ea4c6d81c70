use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::compatibility::runs_with;

/// Members with their accounts, and invitations with what keeps them from being accepted.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Row-level security holds as for the role that reads the view, not as for its owner.
        let of_invoker = match manager.get_database_backend() {
            DbBackend::Postgres => "WITH (security_invoker = true)",
            _ => "",
        };
        let connection = manager.get_connection();
        for view in [
            format!(
                "CREATE VIEW member_profiles {of_invoker} AS
                 SELECT m.organization_id, m.id, m.user_id, m.role, m.invited_by, m.invited_at,
                        m.joined_at, p.email, p.name, p.name_key, p.is_active
                 FROM organization_members m JOIN user_profiles p ON p.user_id = m.user_id"
            ),
            format!(
                "CREATE VIEW invitation_states {of_invoker} AS
                 SELECT i.organization_id, i.id, i.email, i.role, i.invited_by, i.created_at,
                        i.sent_at, i.expires_at, i.max_uses, i.uses, i.revoked_at, i.accepted_at,
                        (SELECT m.role FROM organization_members m
                         JOIN active_users u ON u.user_id = m.user_id
                         WHERE m.organization_id = i.organization_id AND m.user_id = i.invited_by
                        ) AS inviter_role,
                        i.email IS NOT NULL AND EXISTS (
                          SELECT 1 FROM organization_members m
                          JOIN user_profiles p ON p.user_id = m.user_id
                          WHERE m.organization_id = i.organization_id AND p.email = i.email
                        ) AS has_joined
                 FROM invitations i"
            ),
        ] {
            connection.execute_unprepared(&view).await?;
        }
        runs_with(manager, self, "migrations_0001_compatibility").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for view in ["invitation_states", "member_profiles"] {
            let drop_view = format!("DROP VIEW {view}");
            connection.execute_unprepared(&drop_view).await?;
        }
        Ok(())
    }
}
