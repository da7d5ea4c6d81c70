use sea_orm_migration::prelude::*;

use crate::table::{CURRENT, enable_rls_where, flag, text, time, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The last number of each stream. A writer locks the stream's row until the commit, so
        // numbers have no gaps and follow the order of the commits.
        let mut streams = Table::create();
        streams
            .table("event_streams")
            .col(uuid("stream_id").primary_key())
            .col(number("last_number"));
        manager.create_table(streams).await?;

        let mut log = Table::create();
        log.table("event_log")
            .col(uuid("stream_id"))
            .col(number("number"))
            .col(uuid("id"))
            // No foreign key: the log of a deletion outlives what was deleted.
            .col(ColumnDef::new("organization_id").uuid())
            .col(text("name"))
            .col(ColumnDef::new("version").integer().not_null())
            .col(ColumnDef::new("actor_id").uuid())
            .col(ColumnDef::new("request_id").uuid())
            .col(time("occurred_at"))
            .col(ColumnDef::new("payload").json_binary().not_null())
            .primary_key(Index::create().col("stream_id").col("number"));
        manager.create_table(log).await?;
        // A transaction sees the events of its organization; one without an organization sees
        // those that happened in none.
        let ours = format!("organization_id IS NOT DISTINCT FROM {CURRENT}");
        enable_rls_where(manager, "event_log", &ours).await?;

        // What is still to be done, for each listener. What is done is deleted.
        let mut deliveries = Table::create();
        deliveries
            .table("event_deliveries")
            .col(text("listener"))
            .col(uuid("stream_id"))
            .col(number("number"))
            // Whether the stream is an organization's; then its id is the organization's.
            .col(flag("in_organization"))
            .col(uuid("event_id"))
            .col(text("event_name"))
            .col(time("recorded_at"))
            .col(ColumnDef::new("attempts").integer().not_null())
            .col(time("next_attempt_at"))
            .col(ColumnDef::new("leased_by").uuid())
            .col(ColumnDef::new("leased_until").timestamp_with_time_zone())
            .col(ColumnDef::new("dead_at").timestamp_with_time_zone())
            .col(ColumnDef::new("last_error").text())
            .primary_key(
                Index::create()
                    .col("listener")
                    .col("stream_id")
                    .col("number"),
            );
        manager.create_table(deliveries).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["event_deliveries", "event_log", "event_streams"] {
            manager
                .drop_table(Table::drop().table(table).take())
                .await?;
        }
        Ok(())
    }
}

fn number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}
