//! The rules of the real list.

use std::{collections::BTreeMap, fs, path::Path};

use sea_orm_migration::MigratorTrait as _;
use tenantry_migrations::Migrator;

/// `users_0001_accounts` is the first migration of the module `users`.
pub(crate) fn parts(name: &str) -> Option<(&str, u32)> {
    let (at, _) = name.match_indices('_').find(|(at, _)| {
        let number = name.get(at + 1..at + 6).unwrap_or_default();
        number.ends_with('_') && number[..4].bytes().all(|digit| digit.is_ascii_digit())
    })?;
    Some((&name[..at], name[at + 1..at + 5].parse().ok()?))
}

#[test]
fn every_migration_file_is_in_the_list_under_its_own_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/list");
    let mut files: Vec<String> = fs::read_dir(folder)
        .expect("the folder of migrations exists")
        .filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            let stem = name.strip_suffix(".rs").unwrap_or(&name);
            parts(stem).map(|_| stem.to_owned())
        })
        .collect();
    let mut listed: Vec<String> = Migrator::migrations()
        .iter()
        .map(|migration| migration.name().to_owned())
        .collect();
    files.sort();
    listed.sort();
    assert_eq!(listed, files);
}

#[test]
fn the_migrations_of_a_module_are_numbered_from_one_in_the_order_of_the_list() {
    let mut last: BTreeMap<String, u32> = BTreeMap::new();
    for migration in Migrator::migrations() {
        let name = migration.name();
        let (module, number) = parts(name).unwrap_or_else(|| panic!("{name} has no number"));
        let before = last.insert(module.to_owned(), number).unwrap_or_default();
        assert_eq!(number, before + 1, "{name} follows number {before}");
    }
}

#[test]
fn a_name_is_module_number_and_subject() {
    assert_eq!(parts("users_0001_accounts"), Some(("users", 1)));
    assert_eq!(
        parts("domain_events_0012_outbox"),
        Some(("domain_events", 12))
    );
    assert_eq!(parts("runner"), None);
    assert_eq!(parts("users_1_accounts"), None);
}
