//! The folder shared by all test processes of this checkout.

use std::{
    env,
    fs::{self, File},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use tenantry_core::runtime::Runtime;

/// The fingerprint of the migrations; it is part of a template's name.
pub(crate) const FINGERPRINT: &str = env!("TENANTRY_MIGRATIONS_FINGERPRINT");

/// Two gigabytes: ten times what the cluster and the databases of a whole run take.
const MIN_FREE_KILOBYTES: u64 = 2 * 1024 * 1024;

/// The folder, created if it is missing.
///
/// It is named after the checkout and the user, so that neither two checkouts nor two users
/// meet in it.
///
/// # Panics
/// When the folder can't be created or belongs to another user.
pub(crate) fn folder() -> PathBuf {
    let mut hasher = DefaultHasher::new();
    env!("CARGO_MANIFEST_DIR").hash(&mut hasher);
    user().hash(&mut hasher);
    let name = format!("tenantry-testkit-{:016x}", hasher.finish());
    let folder = parent().join(name);
    make(&folder);
    // Any user can create a folder of that name; programs must not run from a foreign one.
    let owner = fs::symlink_metadata(&folder).map(|it| it.uid()).ok();
    assert_eq!(owner, Some(user()), "{} is not ours", folder.display());
    folder
}

/// In memory, if there is enough: a new database is some 300 files, which take ten times as long
/// on a slow disk. `TMPDIR` overrides it.
fn parent() -> &'static Path {
    static PARENT: OnceLock<PathBuf> = OnceLock::new();
    PARENT.get_or_init(|| {
        let memory = PathBuf::from("/dev/shm");
        if env::var_os("TMPDIR").is_none() && free_kilobytes(&memory) >= Some(MIN_FREE_KILOBYTES) {
            memory
        } else {
            env::temp_dir()
        }
    })
}

/// From `df`, because the standard library has no such function.
fn free_kilobytes(folder: &Path) -> Option<u64> {
    let output = Command::new("df").arg("-Pk").arg(folder).output().ok()?;
    let table = String::from_utf8(output.stdout).ok()?;
    let row = table.lines().nth(1)?;
    row.split_whitespace().nth(3)?.parse().ok()
}

/// The user id of this process.
///
/// # Panics
/// When there is no `/proc`.
pub(crate) fn user() -> u32 {
    fs::metadata("/proc/self")
        .expect("the test kit needs Linux and its /proc")
        .uid()
}

/// Creates a folder if it is missing.
pub(crate) fn make(folder: &Path) {
    fs::create_dir_all(folder)
        .unwrap_or_else(|error| panic!("can't create {}: {error}", folder.display()));
}

/// Opens a lock file, without taking the lock.
pub(crate) fn lock_file(path: &Path) -> File {
    File::options()
        .create(true)
        .append(true)
        .open(path)
        .unwrap_or_else(|error| panic!("can't open {}: {error}", path.display()))
}

/// Random text, unique across processes.
pub(crate) fn random(length: usize) -> String {
    Runtime::system().random_token(length)
}
