use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::compatibility::runs_with;

/// What the head of a page shows of a person, in one query.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let timezone = match manager.get_database_backend() {
            DbBackend::Postgres => "o.settings::json #>> '{preferences,timezone}'",
            _ => "json_extract(o.settings, '$.preferences.timezone')",
        };
        // A person without a membership has one row, too.
        let view = format!(
            "CREATE VIEW navigation_entries AS
             SELECT u.id AS user_id, u.name AS user_name, u.email,
                    u.is_staff OR u.is_superuser AS is_operator,
                    coalesce(m.id, u.id) AS id, m.role, m.joined_at,
                    o.id AS organization_id, o.name, o.slug, o.created_at, {timezone} AS timezone
             FROM users u
             LEFT JOIN organization_members m ON m.user_id = u.id
             LEFT JOIN organizations o ON o.id = m.organization_id AND o.is_active"
        );
        manager.get_connection().execute_unprepared(&view).await?;
        runs_with(manager, self, "migrations_0001_compatibility").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drop_view = "DROP VIEW navigation_entries";
        let connection = manager.get_connection();
        connection.execute_unprepared(drop_view).await.map(drop)
    }
}
