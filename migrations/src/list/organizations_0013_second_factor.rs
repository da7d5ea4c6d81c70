use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::{compatibility::runs_with, table::replace_view};

/// Organizations that require a second factor, and the members who have one.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut required = ColumnDef::new("requires_second_factor");
        required.boolean().not_null().default(false);
        let organizations = Table::alter()
            .table("organizations")
            .add_column(required)
            .take();
        manager.alter_table(organizations).await?;
        memberships(manager, ", o.requires_second_factor").await?;
        profiles(
            manager,
            ", EXISTS (SELECT 1 FROM second_factor_users f WHERE f.user_id = m.user_id)
               AS has_second_factor",
        )
        .await?;
        runs_with(manager, self, "migrations_0001_compatibility").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        // A replaced view keeps its columns on Postgres.
        for view in ["member_profiles", "active_memberships"] {
            let drop_view = format!("DROP VIEW {view}");
            connection.execute_unprepared(&drop_view).await?;
        }
        profiles(manager, "").await?;
        memberships(manager, "").await?;
        let organizations = Table::alter()
            .table("organizations")
            .drop_column("requires_second_factor")
            .take();
        manager.alter_table(organizations).await
    }
}

async fn memberships(manager: &SchemaManager<'_>, last: &str) -> Result<(), DbErr> {
    let select = format!(
        "SELECT m.id AS membership_id, m.user_id, m.role, m.joined_at,
                o.id AS organization_id, o.name, o.name_key, o.slug, o.created_at,
                o.seat_limit IS NOT NULL OR o.project_limit IS NOT NULL AS is_limited,
                o.search_key, o.sort_key {last}
         FROM organization_members m JOIN organizations o ON o.id = m.organization_id
         WHERE o.is_active"
    );
    replace_view(manager, "active_memberships", "", &select).await
}

async fn profiles(manager: &SchemaManager<'_>, last: &str) -> Result<(), DbErr> {
    // Row-level security holds as for the role that reads the view, not as for its owner.
    let of_invoker = match manager.get_database_backend() {
        DbBackend::Postgres => "WITH (security_invoker = true)",
        _ => "",
    };
    let select = format!(
        "SELECT m.organization_id, m.id, m.user_id, m.role, m.invited_by, m.invited_at,
                m.joined_at, p.email, p.name, p.name_key, p.is_active, p.search_key,
                EXISTS (SELECT 1 FROM verified_users v WHERE v.user_id = m.user_id)
                  AS email_verified {last}
         FROM organization_members m JOIN user_profiles p ON p.user_id = m.user_id"
    );
    replace_view(manager, "member_profiles", of_invoker, &select).await
}
