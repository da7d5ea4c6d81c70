//! What the command line and the server do with the list.

use crate::{
    Migrator,
    error::MigrationError,
    published::PUBLISHED,
    runner::{self, KeyProgress, MigrationState},
};

/// Applies every pending migration and returns the names of those, oldest first.
///
/// Creates the SQLite file where it is missing. Several processes may do this at once: one
/// works, the others wait and then find nothing to do.
///
/// # Errors
/// See [`MigrationError`]. The migrations before the one that failed stay applied.
pub async fn up(url: &str) -> Result<Vec<String>, MigrationError> {
    runner::up::<Migrator>(url).await
}

/// As [`up`], and reports how far the keys of names are renewed, which can take long.
///
/// # Errors
/// See [`up`].
pub async fn up_with_progress(
    url: &str,
    progress: KeyProgress<'_>,
) -> Result<Vec<String>, MigrationError> {
    runner::up_with_progress::<Migrator>(url, progress).await
}

/// Lets the application's role read and write the rows of every table, and nothing else. Returns what
/// was taken back.
///
/// What a newer version published is left as it is.
///
/// # Errors
/// See [`MigrationError`]. The role must exist.
pub async fn grant(url: &str, role: &str) -> Result<Vec<String>, MigrationError> {
    let newer = newer(url).await?;
    let published = newer.is_empty().then_some(&PUBLISHED);
    runner::grant(url, role, published).await
}

/// What the role of this address may do beyond [`grant`]. Reads only.
///
/// # Errors
/// See [`MigrationError`].
pub async fn excess_rights(url: &str) -> Result<Vec<String>, MigrationError> {
    runner::excess_rights(url).await
}

/// Takes back the newest `steps` migrations and returns their names, newest first.
///
/// # Errors
/// See [`MigrationError`]. The migrations before the one that failed stay taken back.
pub async fn down(url: &str, steps: u32) -> Result<Vec<String>, MigrationError> {
    runner::down::<Migrator>(url, steps).await
}

/// Every migration and whether the database has it. Reads only: creates no table and no file.
///
/// # Errors
/// See [`MigrationError`].
pub async fn status(url: &str) -> Result<Vec<MigrationState>, MigrationError> {
    runner::status::<Migrator>(url).await
}

/// The names of the migrations that the database lacks. Reads only, like [`status`].
///
/// # Errors
/// See [`MigrationError`].
pub async fn pending(url: &str) -> Result<Vec<String>, MigrationError> {
    runner::pending::<Migrator>(url).await
}

/// The names of the migrations that the database has and this program does not know, where each of
/// them says that this program can run. Reads only, like [`status`].
///
/// # Errors
/// See [`MigrationError`]: [`MigrationError::Unknown`] where one says nothing of this program.
pub async fn newer(url: &str) -> Result<Vec<String>, MigrationError> {
    runner::newer::<Migrator>(url).await
}

/// Drops everything in the database, with all data, and applies the whole list.
///
/// # Errors
/// See [`MigrationError`].
pub async fn fresh(url: &str) -> Result<Vec<String>, MigrationError> {
    runner::fresh::<Migrator>(url).await
}
