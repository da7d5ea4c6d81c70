//! Files of the checkout, and of a test's database.

use std::path::{Path, PathBuf};

use tenantry_core::db::DatabaseUrl;
use tenantry_testkit::TestDatabase;

/// A script of the operators.
pub(crate) fn script(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts");
    folder.join(name)
}

/// The file of a SQLite database.
pub(crate) fn sqlite_file(database: &TestDatabase) -> Option<PathBuf> {
    let url = DatabaseUrl::parse(database.url()).expect("valid");
    url.file().map(Path::to_owned)
}
