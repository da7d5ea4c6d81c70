use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::{compatibility::runs_with, table::replace_view};

/// Operators search members by the person and by the organization.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        memberships(
            manager,
            ", o.search_key AS organization_key, p.email, p.search_key AS person_key",
            "JOIN user_profiles p ON p.user_id = m.user_id",
        )
        .await?;
        runs_with(manager, self, "migrations_0001_compatibility").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // A replaced view keeps its columns on Postgres.
        if manager.get_database_backend() == DbBackend::Postgres {
            let drop_view = "DROP VIEW known_memberships";
            manager
                .get_connection()
                .execute_unprepared(drop_view)
                .await?;
        }
        memberships(manager, "", "").await
    }
}

async fn memberships(manager: &SchemaManager<'_>, last: &str, join: &str) -> Result<(), DbErr> {
    let select = format!(
        "SELECT m.organization_id, m.id AS membership_id, m.user_id, m.role, m.joined_at,
                o.name, o.slug {last}
         FROM organization_members m JOIN organizations o ON o.id = m.organization_id {join}
         WHERE o.deleted_at IS NULL"
    );
    replace_view(manager, "known_memberships", "", &select).await
}
