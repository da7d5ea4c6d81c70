//! The commands, on any list of migrations.
//!
//! Each command opens a connection of its own and closes it. Those that write hold a lock for
//! their whole run, because the migration library takes none.

mod address;
mod connection;
mod grant;
mod transactional;
mod wipe;

use std::collections::HashSet;

use sea_orm_migration::{
    DbErr, MigratorTrait, SchemaManager,
    sea_orm::{DatabaseConnection, EntityTrait, QueryOrder},
    seaql_migrations,
};

pub use self::grant::grant;
use self::{
    connection::{Session, reader},
    transactional::Transactional,
};
use crate::error::MigrationError;

/// A migration, and whether the database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationState {
    /// The name: that of its file.
    pub name: String,
    /// Whether it was applied.
    pub applied: bool,
}

/// Applies every pending migration and returns their names, oldest first.
///
/// # Errors
/// See [`MigrationError`].
pub async fn up<M: MigratorTrait + 'static>(url: &str) -> Result<Vec<String>, MigrationError> {
    let session = Session::open(url).await?;
    let outcome = apply_pending::<M>(session.database()).await;
    session.close().await;
    outcome
}

/// Takes back the newest `steps` migrations and returns their names, newest first.
///
/// # Errors
/// See [`MigrationError`].
pub async fn down<M: MigratorTrait + 'static>(
    url: &str,
    steps: u32,
) -> Result<Vec<String>, MigrationError> {
    let session = Session::open(url).await?;
    let outcome = take_back::<M>(session.database(), steps).await;
    session.close().await;
    outcome
}

/// Drops everything in the database and applies the whole list.
///
/// # Errors
/// See [`MigrationError`].
pub async fn fresh<M: MigratorTrait + 'static>(url: &str) -> Result<Vec<String>, MigrationError> {
    let session = Session::open(url).await?;
    let outcome = async {
        wipe::everything(session.database()).await?;
        apply_pending::<M>(session.database()).await
    }
    .await;
    session.close().await;
    outcome
}

/// Every migration and whether the database has it. Creates no table and no file.
///
/// # Errors
/// See [`MigrationError`].
pub async fn status<M: MigratorTrait>(url: &str) -> Result<Vec<MigrationState>, MigrationError> {
    let Some(db) = reader(url).await? else {
        return states::<M>(Vec::new());
    };
    let outcome = read_states::<M>(&db).await;
    // The answer is there already; a failed goodbye changes nothing.
    drop(db.close().await);
    outcome
}

/// The names of the migrations that the database lacks, oldest first.
///
/// # Errors
/// See [`MigrationError`].
pub async fn pending<M: MigratorTrait>(url: &str) -> Result<Vec<String>, MigrationError> {
    Ok(names(status::<M>(url).await?, false))
}

async fn apply_pending<M: MigratorTrait + 'static>(
    db: &DatabaseConnection,
) -> Result<Vec<String>, MigrationError> {
    let pending = names(read_states::<M>(db).await?, false);
    // One by one, so that an error can say which one it was.
    for name in &pending {
        Transactional::<M>::up(db, Some(1))
            .await
            .map_err(of(name))?;
    }
    Ok(pending)
}

async fn take_back<M: MigratorTrait + 'static>(
    db: &DatabaseConnection,
    steps: u32,
) -> Result<Vec<String>, MigrationError> {
    let mut applied = names(read_states::<M>(db).await?, true);
    applied.reverse();
    applied.truncate(usize::try_from(steps).unwrap_or(usize::MAX));
    for name in &applied {
        Transactional::<M>::down(db, Some(1))
            .await
            .map_err(of(name))?;
    }
    Ok(applied)
}

fn of(name: &str) -> impl FnOnce(DbErr) -> MigrationError {
    let name = name.to_owned();
    |cause| MigrationError::Failed { name, cause }
}

async fn read_states<M: MigratorTrait>(
    db: &DatabaseConnection,
) -> Result<Vec<MigrationState>, MigrationError> {
    let manager = SchemaManager::new(db);
    if !manager.has_table("seaql_migrations").await? {
        return states::<M>(Vec::new());
    }
    let rows = seaql_migrations::Entity::find()
        .order_by_asc(seaql_migrations::Column::Version)
        .all(db)
        .await?;
    states::<M>(rows.into_iter().map(|row| row.version).collect())
}

fn states<M: MigratorTrait>(applied: Vec<String>) -> Result<Vec<MigrationState>, MigrationError> {
    let listed: Vec<String> = M::migrations()
        .iter()
        .map(|migration| migration.name().to_owned())
        .collect();
    let unknown: Vec<String> = applied
        .iter()
        .filter(|name| !listed.contains(name))
        .cloned()
        .collect();
    if !unknown.is_empty() {
        return Err(MigrationError::Unknown(unknown));
    }
    let applied: HashSet<String> = applied.into_iter().collect();
    let state = |name: String| MigrationState {
        applied: applied.contains(&name),
        name,
    };
    Ok(listed.into_iter().map(state).collect())
}

fn names(states: Vec<MigrationState>, applied: bool) -> Vec<String> {
    states
        .into_iter()
        .filter(|state| state.applied == applied)
        .map(|state| state.name)
        .collect()
}
