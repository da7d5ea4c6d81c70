use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::compatibility::runs_with;

/// Who acted and how, what changed, and the client of a sign-in, beside the payload of an event.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const COLUMNS: [&str; 8] = [
    "acted_by",
    "token_id",
    "token_name",
    "changes",
    "client_address",
    "client_program",
    "actor_name",
    "actor_email",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in COLUMNS {
            let mut column = ColumnDef::new(name);
            match name {
                "token_id" => column.uuid(),
                "changes" => column.json_binary(),
                _ => column.text(),
            };
            let log = Table::alter().table("event_log").add_column(column).take();
            manager.alter_table(log).await?;
        }
        let connection = manager.get_connection();
        let details = COLUMNS.join(", ");
        replace_personal_events(manager, &format!(", {details}")).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            connection.execute_unprepared(REDACTION).await?;
        }
        runs_with(manager, self, "migrations_0001_compatibility").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            let none = "DROP FUNCTION redact_event_log;
                 DROP POLICY redaction_changes ON event_log";
            manager.get_connection().execute_unprepared(none).await?;
        }
        replace_personal_events(manager, "").await?;
        for column in COLUMNS {
            let log = Table::alter().table("event_log").drop_column(column).take();
            manager.alter_table(log).await?;
        }
        Ok(())
    }
}

async fn replace_personal_events(manager: &SchemaManager<'_>, last: &str) -> Result<(), DbErr> {
    let replaced = format!(
        "DROP VIEW personal_events;
         CREATE VIEW personal_events AS
         SELECT stream_id AS user_id, number, id, name, actor_id, request_id, occurred_at, payload
                {last}
         FROM event_log WHERE organization_id IS NULL"
    );
    let connection = manager.get_connection();
    connection.execute_unprepared(&replaced).await.map(drop)
}

/// The only change of the log that the application's role can cause: an organization that is being
/// deleted, or is, leaves no name behind.
const REDACTION: &str = "
    CREATE POLICY redaction_changes ON event_log FOR UPDATE TO CURRENT_USER
      USING (true) WITH CHECK (true);
    CREATE FUNCTION redact_event_log(of_organization uuid, after_number bigint, until_number bigint)
    RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      UPDATE public.event_log SET actor_name = NULL, actor_email = NULL, token_name = NULL,
        changes = NULL, client_address = NULL, client_program = NULL
      WHERE stream_id = of_organization AND organization_id = of_organization
        AND number > after_number AND number <= until_number
        AND NOT EXISTS (SELECT FROM public.organizations o
                        WHERE o.id = of_organization AND o.deleted_at IS NULL)
    $$;
    REVOKE ALL ON FUNCTION redact_event_log FROM PUBLIC";
