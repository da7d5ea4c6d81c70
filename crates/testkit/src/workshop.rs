//! The folder that all test processes of this checkout share.

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

/// What the migrations hold; a template made from others has another name.
pub(crate) const FINGERPRINT: &str = env!("TENANTRY_MIGRATIONS_FINGERPRINT");

/// Two gigabytes: the cluster and the databases of a whole run take a tenth of it.
const ENOUGH: u64 = 2 * 1024 * 1024;

/// The folder, made where it is missing.
///
/// It is named after the checkout and the user, so that neither two checkouts nor two users
/// meet in it.
///
/// # Panics
/// When the folder can't be made or belongs to somebody else.
pub(crate) fn folder() -> PathBuf {
    let mut hasher = DefaultHasher::new();
    env!("CARGO_MANIFEST_DIR").hash(&mut hasher);
    user().hash(&mut hasher);
    let name = format!("tenantry-testkit-{:016x}", hasher.finish());
    let folder = place().join(name);
    make(&folder);
    // Anyone can make a folder of that name; we don't run programs out of a stranger's.
    let owner = fs::symlink_metadata(&folder).map(|it| it.uid()).ok();
    assert_eq!(owner, Some(user()), "{} is not ours", folder.display());
    folder
}

/// Memory where there is plenty: a new database is some 300 files, and on a slow disk they
/// take ten times as long. Whoever sets `TMPDIR` has the last word.
fn place() -> &'static Path {
    static PLACE: OnceLock<PathBuf> = OnceLock::new();
    PLACE.get_or_init(|| {
        let memory = PathBuf::from("/dev/shm");
        if env::var_os("TMPDIR").is_none() && free_kilobytes(&memory) >= Some(ENOUGH) {
            memory
        } else {
            env::temp_dir()
        }
    })
}

/// What `df` says; the standard library can't tell.
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

/// Makes a folder, and is content when it is there.
pub(crate) fn make(folder: &Path) {
    fs::create_dir_all(folder)
        .unwrap_or_else(|error| panic!("can't make {}: {error}", folder.display()));
}

/// Opens a lock file, without taking the lock.
pub(crate) fn lock_file(path: &Path) -> File {
    File::options()
        .create(true)
        .append(true)
        .open(path)
        .unwrap_or_else(|error| panic!("can't open {}: {error}", path.display()))
}

/// Text that no other process has thought of.
pub(crate) fn random(length: usize) -> String {
    Runtime::system().random_token(length)
}
