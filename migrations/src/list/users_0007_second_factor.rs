use sea_orm_migration::prelude::*;

use crate::{
    compatibility::runs_with,
    table::{create_index, create_unique, replace_view, text, time, uuid},
};

/// Second factors, recovery codes, and logins that wait for a second factor.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut has = ColumnDef::new("has_second_factor");
        has.boolean().not_null().default(false);
        let users = Table::alter().table("users").add_column(has).take();
        manager.alter_table(users).await?;
        let mut checked = ColumnDef::new("second_factor_at");
        checked.timestamp_with_time_zone();
        let sessions = Table::alter().table("sessions").add_column(checked).take();
        manager.alter_table(sessions).await?;

        let mut totp = Table::create();
        totp.table("totp_factors")
            .col(uuid("id").primary_key())
            .col(uuid("user_id"))
            .col(text("sealed_secret"))
            .col(number("last_step"))
            .col(time("created_at"))
            .col(ColumnDef::new("confirmed_at").timestamp_with_time_zone())
            .foreign_key(&mut of_user("totp_factors"));
        manager.create_table(totp).await?;
        create_unique(manager, "totp_factors", &["user_id"]).await?;

        let mut codes = Table::create();
        codes
            .table("recovery_codes")
            .col(uuid("id").primary_key())
            .col(uuid("user_id"))
            .col(text("code_hash"))
            .col(time("created_at"))
            .foreign_key(&mut of_user("recovery_codes"));
        manager.create_table(codes).await?;
        create_unique(manager, "recovery_codes", &["user_id", "code_hash"]).await?;

        let mut logins = Table::create();
        logins
            .table("pending_logins")
            .col(uuid("id").primary_key())
            .col(text("key_hash"))
            .col(uuid("user_id"))
            .col(number("credential_epoch"))
            .col(number("attempts"))
            .col(time("created_at"))
            .col(time("expires_at"))
            .foreign_key(&mut of_user("pending_logins"));
        manager.create_table(logins).await?;
        create_unique(manager, "pending_logins", &["key_hash"]).await?;
        create_index(manager, "pending_logins", &["user_id"]).await?;

        live_sessions(manager, ", s.second_factor_at, u.has_second_factor").await?;
        // What the users module publishes: the accounts with a second factor.
        let view = "CREATE VIEW second_factor_users AS
             SELECT u.id AS user_id FROM users u WHERE u.has_second_factor";
        let connection = manager.get_connection();
        connection.execute_unprepared(view).await?;
        runs_with(manager, self, "migrations_0001_compatibility").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        // A replaced view keeps its columns on Postgres.
        for view in ["second_factor_users", "live_sessions"] {
            let drop_view = format!("DROP VIEW {view}");
            connection.execute_unprepared(&drop_view).await?;
        }
        live_sessions(manager, "").await?;
        for table in ["pending_logins", "recovery_codes", "totp_factors"] {
            manager
                .drop_table(Table::drop().table(table).take())
                .await?;
        }
        for (table, column) in [
            ("sessions", "second_factor_at"),
            ("users", "has_second_factor"),
        ] {
            let alter = Table::alter().table(table).drop_column(column).take();
            manager.alter_table(alter).await?;
        }
        Ok(())
    }
}

fn number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

fn of_user(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("{table}_user_id_fkey"))
        .from(table, "user_id")
        .to("users", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .take()
}

async fn live_sessions(manager: &SchemaManager<'_>, last: &str) -> Result<(), DbErr> {
    let select = format!(
        "SELECT s.id AS session_id, s.key_hash, s.selected_organization,
                s.last_seen_at, s.expires_at, u.id AS user_id, u.is_staff, u.is_superuser,
                u.email_verified {last}
         FROM sessions s JOIN users u ON u.id = s.user_id
         WHERE u.is_active"
    );
    replace_view(manager, "live_sessions", "", &select).await
}
