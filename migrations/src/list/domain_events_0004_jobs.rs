use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::{
    compatibility::runs_with,
    table::{create_tenant_table, text, time},
};

/// Jobs of organizations, in the queue of deliveries.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Of a queue's rows, those with a negative number are jobs, and those with 0 are schedules of jobs.
/// The indexes leave out the deliveries of events, which cost as much as before.
const INDEXES: [&str; 4] = [
    "CREATE INDEX event_deliveries_jobs_idx
     ON event_deliveries (listener, stream_id, next_attempt_at, number)
     WHERE number < 0 AND dead_at IS NULL",
    "CREATE INDEX event_deliveries_due_jobs_idx ON event_deliveries (next_attempt_at, listener)
     WHERE number < 0 AND dead_at IS NULL",
    "CREATE INDEX event_deliveries_schedules_idx ON event_deliveries (listener, next_attempt_at)
     WHERE number = 0",
    "CREATE UNIQUE INDEX event_deliveries_unique_key_idx
     ON event_deliveries (listener, stream_id, unique_key) WHERE unique_key IS NOT NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut columns = [
            text("name"),
            ColumnDef::new("payload").json_binary().not_null().take(),
            time("created_at"),
            ColumnDef::new("actor_id").uuid().take(),
            ColumnDef::new("request_id").uuid().take(),
            text("acted_by"),
            ColumnDef::new("token_id").uuid().take(),
            ColumnDef::new("token_name").text().take(),
        ];
        create_tenant_table(manager, "jobs", &mut columns, &mut []).await?;

        let mut key = ColumnDef::new("unique_key").text().take();
        let queue = Table::alter()
            .table("event_deliveries")
            .add_column(&mut key)
            .take();
        manager.alter_table(queue).await?;
        let connection = manager.get_connection();
        for index in INDEXES {
            connection.execute_unprepared(index).await?;
        }
        // The organizations in which jobs are done, and their time zones.
        let (options, timezone) = match manager.get_database_backend() {
            DbBackend::Postgres => (
                "WITH (security_invoker = true)",
                "o.settings::json #>> '{preferences,timezone}'",
            ),
            _ => ("", "json_extract(o.settings, '$.preferences.timezone')"),
        };
        let view = format!(
            "CREATE VIEW active_organizations {options} AS
             SELECT o.id AS organization_id, {timezone} AS timezone
             FROM organizations o WHERE o.is_active"
        );
        connection.execute_unprepared(&view).await?;
        runs_with(manager, self, "migrations_0001_compatibility").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        // What waits can't be done without the table.
        for sql in [
            "DROP VIEW active_organizations",
            "DELETE FROM event_deliveries WHERE number <= 0",
            "DROP INDEX event_deliveries_jobs_idx",
            "DROP INDEX event_deliveries_due_jobs_idx",
            "DROP INDEX event_deliveries_schedules_idx",
            "DROP INDEX event_deliveries_unique_key_idx",
        ] {
            connection.execute_unprepared(sql).await?;
        }
        let queue = Table::alter()
            .table("event_deliveries")
            .drop_column("unique_key")
            .take();
        manager.alter_table(queue).await?;
        manager.drop_table(Table::drop().table("jobs").take()).await
    }
}
