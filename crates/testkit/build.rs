//! Passes a fingerprint of the migrations to the test kit, so that a template database of other
//! migrations is never used.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    io,
    path::Path,
};

const MIGRATIONS: &str = "../../migrations/src";

fn main() -> io::Result<()> {
    let mut hasher = DefaultHasher::new();
    read(Path::new(MIGRATIONS), &mut hasher)?;
    println!("cargo::rerun-if-changed={MIGRATIONS}");
    println!(
        "cargo::rustc-env=TENANTRY_MIGRATIONS_FINGERPRINT={:016x}",
        hasher.finish()
    );
    Ok(())
}

fn read(folder: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
    let mut entries: Vec<_> = fs::read_dir(folder)?.collect::<io::Result<_>>()?;
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        if path.is_dir() {
            read(&path, hasher)?;
        } else {
            path.hash(hasher);
            fs::read(&path)?.hash(hasher);
        }
    }
    Ok(())
}
