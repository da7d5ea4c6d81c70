//! What the application's role may do with the tables of the migrating role.

use sea_orm_migration::sea_orm::{ConnectionTrait as _, DbBackend};
use tenantry_core::db::DatabaseUrl;

use super::connection::Session;
use crate::error::MigrationError;

/// Lets a role read and write the rows of every table, and nothing else: it owns none, and so
/// can't lift the row-level security that isolates organizations. The log of events it reads and
/// adds to; what is to go goes by a function. On SQLite there are no roles.
///
/// # Errors
/// See [`MigrationError`]. The role must exist.
pub async fn grant(url: &str, role: &str) -> Result<(), MigrationError> {
    let url = DatabaseUrl::parse(url).map_err(MigrationError::Address)?;
    let session = Session::open(&url).await?;
    let db = session.database();
    let outcome = if db.get_database_backend() == DbBackend::Postgres {
        let role = role.replace('"', "\"\"");
        let rights = format!(
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO \"{role}\";
             GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO \"{role}\";
             REVOKE INSERT, UPDATE, DELETE ON seaql_migrations FROM \"{role}\";
             DO $$ BEGIN
               IF to_regclass('public.migration_compatibility') IS NOT NULL THEN
                 REVOKE INSERT, UPDATE, DELETE ON migration_compatibility FROM \"{role}\";
               END IF;
               IF to_regclass('public.event_log') IS NOT NULL THEN
                 REVOKE UPDATE, DELETE ON event_log FROM \"{role}\";
               END IF;
             END $$"
        );
        db.execute_unprepared(&rights).await.map(drop)
    } else {
        Ok(())
    };
    session.close().await;
    Ok(outcome?)
}
