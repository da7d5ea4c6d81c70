//! Checks the schema before the database is opened.

use std::time::Instant;

use tenantry_migrations::{self as migrations, MigrationError};

use crate::{Failure, settings::DatabaseSettings};

/// Ensures that no migration is pending: applies them where a start may do so, else fails.
pub(crate) async fn prepare(database: &DatabaseSettings) -> Result<(), Failure> {
    if database.migrate_on_start {
        let url = &database.migration_url;
        let started = Instant::now();
        let progress = |table: &str, rows: u64| {
            tracing::info!(table, rows, "keys of names computed");
        };
        let applied = migrations::up_with_progress(url.expose(), &progress).await;
        // What a failed migration left behind needs rights as well; a database that is not ours does not.
        if let Err(error) = &applied
            && !matches!(
                error,
                MigrationError::Failed { .. } | MigrationError::Locked { .. }
            )
        {
            return Err(unprepared(url, error));
        }
        if let Some(role) = database.role_to_grant() {
            let granted = migrations::grant(url.expose(), role).await;
            let taken_back = granted.map_err(|error| unprepared(url, &error))?;
            if !taken_back.is_empty() {
                let rights = taken_back.join(", ");
                tracing::info!(rights, "rights of the application's role taken back");
            }
        }
        let applied = applied.map_err(|error| unprepared(url, &error))?;
        if !applied.is_empty() {
            let (count, milliseconds) = (applied.len(), started.elapsed().as_millis());
            let names = applied.join(" ");
            tracing::info!(count, milliseconds, names, "migrations applied");
        }
        return Ok(());
    }
    let url = &database.url;
    let pending = migrations::pending(url.expose()).await;
    let pending = pending.map_err(|error| unprepared(url, &error))?;
    if pending.is_empty() {
        return Ok(());
    }
    Err(Failure::Failed(format!(
        "{} migrations are pending on {url}; apply them with `tenantry migrate up`, \
         or set TENANTRY__DATABASE__MIGRATE_ON_START=true",
        pending.len()
    )))
}

fn unprepared(url: impl std::fmt::Display, error: &MigrationError) -> Failure {
    let what = format!("the tables of {url} can't be checked");
    Failure::caused_by(what, error).with_remedy(error.remedy())
}
