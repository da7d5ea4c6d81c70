use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::table::create_index;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut kind = ColumnDef::new("kind");
        kind.text().not_null().default("change");
        let log = Table::alter().table("event_log").add_column(kind).take();
        manager.alter_table(log).await?;
        let on_postgres = manager.get_database_backend() == DbBackend::Postgres;
        let connection = manager.get_connection();
        let mark_access = "UPDATE event_log SET kind = 'access' WHERE name IN
             ('users.user_signed_in', 'organizations.operator_looked',
              'organizations.report_viewed')";
        if on_postgres {
            // The policy applies to the owner too, who has no organization here.
            let all = format!(
                "ALTER TABLE event_log NO FORCE ROW LEVEL SECURITY;
                 {mark_access};
                 ALTER TABLE event_log FORCE ROW LEVEL SECURITY"
            );
            connection.execute_unprepared(&all).await?;
        } else {
            connection.execute_unprepared(mark_access).await?;
        }
        // Times only grow, so a new entry is the last one of its kind: the cheapest place.
        create_index(manager, "event_log", &["kind", "occurred_at"]).await?;
        connection.execute_unprepared(PERSONAL).await?;
        if on_postgres {
            connection.execute_unprepared(PRUNING).await?;
            connection.execute_unprepared(FOR_QUEUES).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let personal = "DROP VIEW personal_events";
        connection.execute_unprepared(personal).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            connection.execute_unprepared(NO_PRUNING).await?;
            connection.execute_unprepared(AS_USUAL).await?;
        }
        let mut index = Index::drop();
        index
            .name("event_log_kind_occurred_at_idx")
            .table("event_log");
        manager.drop_index(index).await?;
        let log = Table::alter().table("event_log").drop_column("kind").take();
        manager.alter_table(log).await
    }
}

/// The events of users outside of organizations, in one stream for each user.
const PERSONAL: &str = "
    CREATE VIEW personal_events AS
    SELECT stream_id AS user_id, number, id, name, actor_id, request_id, occurred_at, payload
    FROM event_log WHERE organization_id IS NULL";

/// The only way to delete from the log. The application's role may not delete from the table, and no
/// policy gives it more than one organization; so the function runs as the owner, and keeps what no
/// setting may remove: events with a pending delivery, and the events of the last day.
const PRUNING: &str = "
    CREATE POLICY pruning_sees ON event_log FOR SELECT TO CURRENT_USER USING (true);
    CREATE POLICY pruning_deletes ON event_log FOR DELETE TO CURRENT_USER USING (true);
    CREATE FUNCTION prune_event_log(of_kind text, older_than timestamptz, at_most bigint)
    RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      WITH pruned AS (
        DELETE FROM public.event_log WHERE ctid = ANY (ARRAY(
          SELECT e.ctid FROM public.event_log e
          WHERE e.kind = of_kind AND e.occurred_at < least(older_than, now() - interval '1 day')
            AND NOT EXISTS (SELECT FROM public.event_deliveries d
                            WHERE d.stream_id = e.stream_id AND d.number = e.number)
          ORDER BY e.occurred_at LIMIT at_most))
        RETURNING 1)
      SELECT count(*) FROM pruned
    $$;
    REVOKE ALL ON FUNCTION prune_event_log FROM PUBLIC";

const NO_PRUNING: &str = "
    DROP FUNCTION prune_event_log;
    DROP POLICY pruning_sees ON event_log;
    DROP POLICY pruning_deletes ON event_log";

/// A delivery is written, leased and deleted within moments, and a stream's number counted up with
/// each commit: dead rows are cleared away by their number, however large the table is, and new
/// versions find room beside the old ones.
const FOR_QUEUES: &str = "
    ALTER TABLE event_deliveries SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0,
      autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_insert_scale_factor = 0,
      autovacuum_vacuum_insert_threshold = 10000, autovacuum_analyze_scale_factor = 0,
      autovacuum_analyze_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
    ALTER TABLE event_streams SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02,
      autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0)";

const AS_USUAL: &str = "
    ALTER TABLE event_deliveries RESET (fillfactor, autovacuum_vacuum_scale_factor,
      autovacuum_vacuum_threshold, autovacuum_vacuum_insert_scale_factor,
      autovacuum_vacuum_insert_threshold, autovacuum_analyze_scale_factor,
      autovacuum_analyze_threshold, autovacuum_vacuum_cost_delay);
    ALTER TABLE event_streams RESET (fillfactor, autovacuum_vacuum_scale_factor,
      autovacuum_vacuum_threshold, autovacuum_vacuum_cost_delay)";
