//! The commands, on any list of migrations.
//!
//! Each command opens a connection of its own and closes it. Those that write hold a lock for
//! their whole run, because the migration library takes none.

mod connection;
mod grant;
mod history;
mod keys;
mod lock_retry;
mod transactional;
mod wipe;

use std::collections::HashSet;

use sea_orm_migration::{DbErr, MigratorTrait, sea_orm::DatabaseConnection};
use tenantry_core::db::DatabaseUrl;

use self::{
    connection::Session,
    history::{History, history},
    lock_retry::{is_locked, until_unlocked},
    transactional::Transactional,
};
pub use self::{
    grant::{excess_rights, grant},
    keys::KeyProgress,
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
    up_with_progress::<M>(url, &|_, _| ()).await
}

/// As [`up`], and reports how far the keys of names are renewed, which can take long.
///
/// # Errors
/// See [`MigrationError`].
pub async fn up_with_progress<M: MigratorTrait + 'static>(
    url: &str,
    progress: KeyProgress<'_>,
) -> Result<Vec<String>, MigrationError> {
    let url = parse(url)?;
    // Before anything is written, in a database of another program as well.
    let before = known::<M>(history(&url).await?)?;
    let session = Session::open(&url).await?;
    let mut outcome = apply_pending::<M>(&url, session.database()).await;
    let has_keys = before.states.iter().any(|state| state.name == keys::NEEDED);
    if outcome.is_ok() && has_keys {
        // Also when nothing was pending: servers of the version before may have written since.
        if let Err(error) = keys::renew(session.database(), progress).await {
            outcome = Err(error.into());
        }
    }
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
    let url = parse(url)?;
    all_known(known::<M>(history(&url).await?)?)?;
    let session = Session::open(&url).await?;
    let outcome = take_back::<M>(&url, session.database(), steps).await;
    session.close().await;
    outcome
}

/// Drops everything in the database and applies the whole list.
///
/// # Errors
/// See [`MigrationError`].
pub async fn fresh<M: MigratorTrait + 'static>(url: &str) -> Result<Vec<String>, MigrationError> {
    let url = parse(url)?;
    // What another program stored is not dropped; a database that is newer may be.
    if let Err(error @ MigrationError::Foreign(_)) = known::<M>(history(&url).await?) {
        return Err(error);
    }
    let session = Session::open(&url).await?;
    let outcome = async {
        wipe::everything(session.database()).await?;
        apply_pending::<M>(&url, session.database()).await
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
    Ok(known::<M>(history(&parse(url)?).await?)?.states)
}

/// The names of the migrations that the database has and the list lacks, where each of them says that
/// a program with this list can run.
///
/// # Errors
/// See [`MigrationError`].
pub async fn newer<M: MigratorTrait>(url: &str) -> Result<Vec<String>, MigrationError> {
    Ok(known::<M>(history(&parse(url)?).await?)?.newer)
}

/// The names of the migrations that the database lacks, oldest first.
///
/// # Errors
/// See [`MigrationError`].
pub async fn pending<M: MigratorTrait>(url: &str) -> Result<Vec<String>, MigrationError> {
    Ok(names(status::<M>(url).await?, false))
}

fn parse(url: &str) -> Result<DatabaseUrl, MigrationError> {
    DatabaseUrl::parse(url).map_err(MigrationError::Address)
}

/// Reads the state again: another run may have finished before this one got the lock.
async fn apply_pending<M: MigratorTrait + 'static>(
    url: &DatabaseUrl,
    db: &DatabaseConnection,
) -> Result<Vec<String>, MigrationError> {
    let known = known::<M>(history(url).await?)?;
    let pending = names(known.states.clone(), false);
    if !pending.is_empty() {
        all_known(known)?;
    }
    // One by one, so that an error can say which one it was.
    for name in &pending {
        let apply = || Transactional::<M>::up(db, Some(1));
        until_unlocked(apply).await.map_err(of(name))?;
    }
    Ok(pending)
}

async fn take_back<M: MigratorTrait + 'static>(
    url: &DatabaseUrl,
    db: &DatabaseConnection,
    steps: u32,
) -> Result<Vec<String>, MigrationError> {
    let states = all_known(known::<M>(history(url).await?)?)?;
    let mut applied = names(states, true);
    applied.reverse();
    applied.truncate(usize::try_from(steps).unwrap_or(usize::MAX));
    for name in &applied {
        let revert = || Transactional::<M>::down(db, Some(1));
        until_unlocked(revert).await.map_err(of(name))?;
    }
    Ok(applied)
}

fn of(name: &str) -> impl FnOnce(DbErr) -> MigrationError {
    let name = name.to_owned();
    |cause| match is_locked(&cause) {
        true => MigrationError::Locked { name, cause },
        false => MigrationError::Failed { name, cause },
    }
}

/// A history, seen by a program with a list.
struct Known {
    /// The list.
    states: Vec<MigrationState>,
    /// What only a newer program knows; the program can run on it.
    newer: Vec<String>,
}

fn known<M: MigratorTrait>(history: History) -> Result<Known, MigrationError> {
    let History { applied, needs } = history;
    let listed: Vec<String> = M::migrations()
        .iter()
        .map(|migration| migration.name().to_owned())
        .collect();
    let is_listed = |name: &String| listed.contains(name);
    let newer: Vec<String> = applied
        .iter()
        .filter(|name| !is_listed(name))
        .cloned()
        .collect();
    if !newer.is_empty() && newer.len() == applied.len() {
        // Another program may use the same library of migrations.
        return Err(MigrationError::Foreign(newer));
    }
    let lets_run = |name: &&String| {
        let said = needs.iter().find(|(migration, _)| migration == *name);
        said.is_some_and(|(_, needed)| is_listed(needed))
    };
    let unknown: Vec<String> = newer
        .iter()
        .filter(|name| !lets_run(name))
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
    let states = listed.into_iter().map(state).collect();
    Ok(Known { states, newer })
}

/// Only a program that knows every migration may apply or take back one.
fn all_known(known: Known) -> Result<Vec<MigrationState>, MigrationError> {
    if known.newer.is_empty() {
        Ok(known.states)
    } else {
        Err(MigrationError::Unknown(known.newer))
    }
}

fn names(states: Vec<MigrationState>, applied: bool) -> Vec<String> {
    states
        .into_iter()
        .filter(|state| state.applied == applied)
        .map(|state| state.name)
        .collect()
}
