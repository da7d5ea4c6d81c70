//! Locates the programs of Postgres on this machine.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// Overrides the search.
const VARIABLE: &str = "TENANTRY_TEST_PG_BIN";

/// Where Debian keeps one folder for each version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The path of a program of Postgres.
///
/// # Panics
/// When there is none.
pub(super) fn program(name: &str) -> PathBuf {
    folder().join(name)
}

/// The folder that holds `initdb` and `pg_ctl`.
///
/// # Panics
/// When there is none: a test that needs Postgres is never skipped silently.
fn folder() -> PathBuf {
    find().unwrap_or_else(|| {
        panic!(
            "these tests need the programs of PostgreSQL, version 15 or later, and none were \
             found in {VARIABLE}, on PATH or in {DEBIAN}. On Debian and Ubuntu: \
             apt-get install postgresql. No server needs to run; the tests start their own."
        )
    })
}

fn find() -> Option<PathBuf> {
    if let Some(folder) = env::var_os(VARIABLE) {
        return Some(folder.into()).filter(|folder: &PathBuf| is_complete(folder));
    }
    on_path().or_else(newest_of_debian)
}

fn on_path() -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        // A symlink on the path often has no siblings; its target does.
        .filter_map(|folder| fs::canonicalize(folder.join("pg_ctl")).ok())
        .filter_map(|program| program.parent().map(Path::to_owned))
        .find(|folder| is_complete(folder))
}

fn newest_of_debian() -> Option<PathBuf> {
    fs::read_dir(DEBIAN)
        .ok()?
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, folder)| is_complete(folder))
        .max()
        .map(|(_, folder)| folder)
}

fn is_complete(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres"]
        .iter()
        .all(|name| folder.join(name).is_file())
}
