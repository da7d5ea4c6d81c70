use sea_orm_migration::prelude::*;

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
        // What the users module publishes: the accounts with a confirmed address. A column of the
        // views that others read could not be taken away again.
        let verified = "CREATE VIEW verified_users AS
             SELECT u.id AS user_id FROM users u WHERE u.email_verified";
        let connection = manager.get_connection();
        connection.execute_unprepared(verified).await?;
        runs_with(manager, self, "migrations_0001_compatibility").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for view in ["verified_users", "live_sessions"] {
            let drop_view = format!("DROP VIEW {view}");
            connection.execute_unprepared(&drop_view).await?;
        }
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
