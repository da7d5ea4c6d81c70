//! SQLite's files, which only their owner may read: they hold the rows of all organizations.

use std::{
    ffi::OsString,
    fs::{self, File, Metadata, OpenOptions},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

/// What SQLite and the runs of migrations create beside a database.
const BESIDE: [&str; 4] = ["-wal", "-shm", "-journal", ".migrate-lock"];

/// Creates a missing database file if `create`, and takes it and the files beside it from all
/// users but their owner. SQLite gives a new journal the permissions of its database.
///
/// # Errors
/// When the file can't be created.
pub fn keep_private(database: &Path, create: bool) -> io::Result<()> {
    if create {
        match options().create_new(true).open(database) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    for file in files(database) {
        if let Ok(about) = fs::metadata(&file)
            && about.is_file()
            && is_open(&about)
        {
            // Only its owner may do so; `doctor` reports what stays open.
            drop(restrict(&file, &about));
        }
    }
    Ok(())
}

/// Opens a file beside a database, which is created for its owner.
///
/// # Errors
/// When it can't be opened.
pub fn open_private(file: &Path) -> io::Result<File> {
    options().create(true).open(file)
}

/// The first of the database's files that other users may read.
#[must_use]
pub fn readable_by_others(database: &Path) -> Option<PathBuf> {
    let mut files = files(database);
    files.find(|file| fs::metadata(file).is_ok_and(|about| about.is_file() && is_open(&about)))
}

fn files(database: &Path) -> impl Iterator<Item = PathBuf> {
    let beside = BESIDE.iter().map(move |suffix| {
        let mut name = OsString::from(database);
        name.push(suffix);
        PathBuf::from(name)
    });
    std::iter::once(database.to_owned()).chain(beside)
}

#[cfg(unix)]
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.append(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(unix)]
fn is_open(about: &Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o077 != 0
}

#[cfg(unix)]
fn restrict(file: &Path, about: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = about.permissions().mode() & 0o700;
    fs::set_permissions(file, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.append(true);
    options
}

#[cfg(not(unix))]
fn is_open(_: &Metadata) -> bool {
    false
}

#[cfg(not(unix))]
fn restrict(_: &Path, _: &Metadata) -> io::Result<()> {
    Ok(())
}
