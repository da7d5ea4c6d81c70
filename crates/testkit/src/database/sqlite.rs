//! SQLite files for one test, copied from a migrated template.

use std::{
    fs,
    path::{Path, PathBuf},
    process,
    sync::Once,
};

use crate::shared_dir::{self, FINGERPRINT};

/// A folder for one database file and SQLite's side files, deleted on drop.
#[derive(Debug)]
pub(super) struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    pub(super) fn new() -> Self {
        static SWEPT: Once = Once::new();
        let all = shared_dir::folder().join("scratch");
        SWEPT.call_once(|| sweep(&all));
        let name = format!("{}-{}", process::id(), shared_dir::random(16));
        let folder = all.join(name);
        shared_dir::make(&folder);
        Self { folder }
    }

    pub(super) async fn migrated() -> Self {
        let scratch = Self::new();
        let shared = shared_dir::folder();
        let lock = shared_dir::lock_file(&shared.join("sqlite.lock"));
        // Held during the copy too: another build may be replacing the template.
        lock.lock().expect("our own lock file");
        let template = shared.join(format!("template-{FINGERPRINT}.db"));
        if !template.exists() {
            remove_templates(&shared);
            make(&template).await;
        }
        fs::copy(&template, scratch.file()).expect("our own file");
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
            tracing::warn!(%error, %folder, "a test database could not be deleted");
        }
    }
}

/// Migrates a draft, and moves it to the template's path when it is complete.
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
    fs::copy(draft.file(), template.with_extension("draft")).expect("our own file");
    fs::rename(template.with_extension("draft"), template).expect("our own file");
}

/// Removes the folders of processes that were killed. A folder's name starts with the process id.
fn sweep(all: &Path) {
    for entry in fs::read_dir(all).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.split('-').next());
        if owner.is_none_or(|owner| !Path::new("/proc").join(owner).exists()) {
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}

fn remove_templates(shared: &Path) {
    for entry in fs::read_dir(shared).expect("our own folder").flatten() {
        if entry.file_name().to_string_lossy().starts_with("template-") {
            drop(fs::remove_file(entry.path()));
        }
    }
}
