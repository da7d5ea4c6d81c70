use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::{
    compatibility::runs_with,
    table::{create_index, drop_index, key_with_default, replace_view},
};

/// Names are searched in any case of any script, and sorted as people expect. The version before fills
/// `name_key` only, so the new keys have a default, and `migrate up` computes what is missing.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "organizations";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for key in ["search_key", "sort_key"] {
            let key = key_with_default(manager, key);
            let alter = Table::alter().table(TABLE).add_column(key).take();
            manager.alter_table(alter).await?;
        }
        drop_index(manager, TABLE, &["name_key", "id"]).await?;
        create_index(manager, TABLE, &["sort_key", "id"]).await?;
        memberships(manager, ", o.search_key, o.sort_key").await?;
        profiles(manager, ", p.search_key").await?;
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
        drop_index(manager, TABLE, &["sort_key", "id"]).await?;
        create_index(manager, TABLE, &["name_key", "id"]).await?;
        for key in ["sort_key", "search_key"] {
            let alter = Table::alter().table(TABLE).drop_column(key).take();
            manager.alter_table(alter).await?;
        }
        Ok(())
    }
}

async fn memberships(manager: &SchemaManager<'_>, last: &str) -> Result<(), DbErr> {
    let select = format!(
        "SELECT m.id AS membership_id, m.user_id, m.role, m.joined_at,
                o.id AS organization_id, o.name, o.name_key, o.slug, o.created_at,
                o.seat_limit IS NOT NULL OR o.project_limit IS NOT NULL AS is_limited {last}
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
                m.joined_at, p.email, p.name, p.name_key, p.is_active {last}
         FROM organization_members m JOIN user_profiles p ON p.user_id = m.user_id"
    );
    replace_view(manager, "member_profiles", of_invoker, &select).await
}
