//! SQLite files for one test, copied from a migrated template.

use std::{
    fs,
    path::{Path, PathBuf},
    process,
    sync::Once,
};

use crate::workshop::{self, FINGERPRINT};

/// A folder for one database file and what SQLite puts beside it, gone when dropped.
#[derive(Debug)]
pub(super) struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    pub(super) fn new() -> Self {
        static SWEPT: Once = Once::new();
        let all = workshop::folder().join("scratch");
        SWEPT.call_once(|| sweep(&all));
        let name = format!("{}-{}", process::id(), workshop::random(16));
        let folder = all.join(name);
        workshop::make(&folder);
        Self { folder }
    }

    pub(super) async fn migrated() -> Self {
        let scratch = Self::new();
        let shop = workshop::folder();
        let lock = workshop::lock_file(&shop.join("sqlite.lock"));
        // Held over the copy too: another build may be replacing the template.
        lock.lock().expect("a lock on a file of ours");
        let template = shop.join(format!("template-{FINGERPRINT}.db"));
        if !template.exists() {
            remove_templates(&shop);
            make(&template).await;
        }
        fs::copy(&template, scratch.file()).expect("a file of ours");
        scratch
    }

    pub(super) fn file(&self) -> PathBuf {
        self.folder.join("tenantry.db")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            let folder = self.folder.display();
            tracing::warn!(%error, %folder, "a test database stays behind");
        }
    }
}

/// Migrates a file elsewhere and moves it here when it is complete.
async fn make(template: &Path) {
    let draft = Scratch::new();
    let url = format!("sqlite://{}?mode=rwc", draft.file().display());
    tenantry_migrations::up(&url)
        .await
        .unwrap_or_else(|error| panic!("the migrations fail on SQLite: {error:?}"));
    let log = draft.folder.join("tenantry.db-wal");
    assert!(
        !log.exists(),
        "the template's write-ahead log was not merged"
    );
    fs::copy(draft.file(), template.with_extension("draft")).expect("a file of ours");
    fs::rename(template.with_extension("draft"), template).expect("a file of ours");
}

/// Removes what was left by processes that were killed. A folder's name starts with the
/// number of its process.
fn sweep(all: &Path) {
    for entry in fs::read_dir(all).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.split('-').next());
        if owner.is_none_or(|owner| !Path::new("/proc").join(owner).exists()) {
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}

fn remove_templates(shop: &Path) {
    for entry in fs::read_dir(shop).expect("a folder of ours").flatten() {
        if entry.file_name().to_string_lossy().starts_with("template-") {
            drop(fs::remove_file(entry.path()));
        }
    }
}
