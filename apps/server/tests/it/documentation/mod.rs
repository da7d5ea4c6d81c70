//! The documentation says what the code says: pages generated from it, and links that lead
//! somewhere.

mod errors;
mod event_payloads;
mod links;
mod routes;
mod settings;

use std::{
    env, fs,
    path::{Path, PathBuf},
};

const RENEW: &str = "TENANTRY_RENEW=1 cargo test -p tenantry --test it documentation";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Compares a generated page of `docs/` with the file; writes the file with `TENANTRY_RENEW`.
#[track_caller]
fn compare(page: &str, generated: &str) {
    let file = root().join("docs").join(page);
    if env::var_os("TENANTRY_RENEW").is_some() {
        fs::write(&file, generated).expect("a writable file");
    }
    let documented = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        documented == generated,
        "docs/{page} differs from the code. If the code is right, run\n{RENEW}\n\n{generated}"
    );
}
