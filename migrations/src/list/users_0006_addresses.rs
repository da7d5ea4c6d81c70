use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::{
    compatibility::runs_with,
    table::{create_index, create_unique, replace_view, text, time, uuid, word},
};

/// Addresses that their owners confirm, and the links that are mailed to them.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut verified = ColumnDef::new("email_verified");
        verified.boolean().not_null().default(false);
        let users = Table::alter().table("users").add_column(verified).take();
        manager.alter_table(users).await?;

        let mut links = Table::create();
        links
            .table("account_links")
            .col(uuid("id").primary_key())
            .col(word(
                "purpose",
                &[
                    "password_reset",
                    "email_verification",
                    "email_change",
                    "known_address",
                ],
            ))
            // The address, or the account's id: what there is one link for.
            .col(text("subject"))
            .col(text("email"))
            // No foreign keys: a request for an address without an account does the same work.
            .col(ColumnDef::new("user_id").uuid())
            .col(ColumnDef::new("session_id").uuid())
            .col(number("generation"))
            .col(ColumnDef::new("secret_hash").text())
            .col(time("expires_at"))
            .col(time("counted_from"))
            .col(number("counted"));
        manager.create_table(links).await?;
        create_unique(manager, "account_links", &["purpose", "subject"]).await?;
        create_unique(manager, "account_links", &["secret_hash"]).await?;
        create_index(manager, "account_links", &["expires_at"]).await?;

        sessions(manager, ", u.email_verified").await?;
        profiles(manager, ", u.email_verified").await?;
        active(manager, ", u.email_verified").await?;
        runs_with(manager, self, "migrations_0001_compatibility").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let none = match manager.get_database_backend() {
            // Other views read these, so no column can be taken from them.
            DbBackend::Postgres => ", false AS email_verified",
            _ => "",
        };
        profiles(manager, none).await?;
        active(manager, none).await?;
        let connection = manager.get_connection();
        connection
            .execute_unprepared("DROP VIEW live_sessions")
            .await?;
        sessions(manager, "").await?;
        manager
            .drop_table(Table::drop().table("account_links").take())
            .await?;
        let users = Table::alter()
            .table("users")
            .drop_column("email_verified")
            .take();
        manager.alter_table(users).await
    }
}

fn number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

async fn sessions(manager: &SchemaManager<'_>, last: &str) -> Result<(), DbErr> {
    let select = format!(
        "SELECT s.id AS session_id, s.key_hash, s.selected_organization,
                s.last_seen_at, s.expires_at, u.id AS user_id, u.is_staff, u.is_superuser {last}
         FROM sessions s JOIN users u ON u.id = s.user_id
         WHERE u.is_active"
    );
    replace_view(manager, "live_sessions", "", &select).await
}

async fn profiles(manager: &SchemaManager<'_>, last: &str) -> Result<(), DbErr> {
    let select = format!(
        "SELECT u.id AS user_id, u.email, u.name, u.name_key, u.is_active, u.search_key {last}
         FROM users u"
    );
    replace_view(manager, "user_profiles", "", &select).await
}

async fn active(manager: &SchemaManager<'_>, last: &str) -> Result<(), DbErr> {
    let select =
        format!("SELECT u.id AS user_id, u.credential_epoch {last} FROM users u WHERE u.is_active");
    replace_view(manager, "active_users", "", &select).await
}
