//! The file `.env.example`.

use std::collections::BTreeSet;

use tenantry::settings::{SettingSources, Settings, catalog::ALL};

const EXAMPLE: &str = include_str!("../../../../.env.example");

#[test]
fn the_example_names_every_setting_and_no_other() {
    let named: BTreeSet<_> = EXAMPLE
        .lines()
        .filter_map(|line| line.strip_prefix('#')?.split_once('='))
        .map(|(name, _)| name.to_owned())
        .filter(|name| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
        .collect();
    let mut known: BTreeSet<_> = ALL.iter().map(|s| s.variable.to_owned()).collect();
    let in_files = ALL.iter().filter(|s| s.may_be_in_a_file());
    known.extend(in_files.map(|s| s.file_variable()));
    assert_eq!(named, known);
}

#[test]
fn the_defaults_in_the_example_match_the_code() {
    for setting in ALL {
        let Some(default) = setting.default else {
            continue;
        };
        let line = format!("#{}={default}", setting.variable);
        assert!(EXAMPLE.lines().any(|other| other == line), "{line}");
    }
}

#[test]
fn the_values_of_the_example_are_valid() {
    let mut inputs = SettingSources::environment([]);
    let lines = EXAMPLE.lines().filter_map(|line| line.strip_prefix('#'));
    let settings = lines.filter(|line| {
        line.starts_with(|c: char| c.is_ascii_uppercase())
            && line.contains('=')
            && !line.split('=').next().is_some_and(|name| name.ends_with("_FILE"))
            // It needs Postgres, and the example's database is SQLite.
            && !line.starts_with("TENANTRY__DATABASE__MIGRATION_URL")
    });
    inputs.dotenv = Some(settings.collect::<Vec<_>>().join("\n"));
    Settings::parse(&inputs).expect("valid");
}
