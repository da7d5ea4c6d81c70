use sea_orm_migration::prelude::*;

use crate::{
    compatibility::runs_with,
    table::{create_index, create_unique, flag, text, time, uuid},
};

/// Passkeys, and the challenges that were answered.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut passkeys = Table::create();
        passkeys
            .table("passkeys")
            .col(uuid("id").primary_key())
            .col(uuid("user_id"))
            .col(text("credential_id"))
            .col(text("public_key"))
            .col(text("user_handle"))
            .col(text("name"))
            .col(ColumnDef::new("sign_count").big_integer().not_null())
            .col(flag("is_backup_eligible"))
            .col(flag("is_backed_up"))
            .col(text("transports"))
            .col(time("created_at"))
            .col(ColumnDef::new("last_used_at").timestamp_with_time_zone())
            .foreign_key(
                ForeignKey::create()
                    .name("passkeys_user_id_fkey")
                    .from("passkeys", "user_id")
                    .to("users", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            );
        manager.create_table(passkeys).await?;
        create_unique(manager, "passkeys", &["credential_id"]).await?;
        create_index(manager, "passkeys", &["user_id"]).await?;

        let mut challenges = Table::create();
        challenges
            .table("used_passkey_challenges")
            .col(uuid("id").primary_key())
            .col(time("expires_at"));
        manager.create_table(challenges).await?;
        create_index(manager, "used_passkey_challenges", &["expires_at"]).await?;
        runs_with(manager, self, "migrations_0001_compatibility").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["used_passkey_challenges", "passkeys"] {
            manager
                .drop_table(Table::drop().table(table).take())
                .await?;
        }
        Ok(())
    }
}
