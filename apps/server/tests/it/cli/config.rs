//! `config check` and `config print`.

use std::{env, fs, path::Path};

use crate::support::{Program, SECRET};

fn wrong() -> Program {
    Program::bare()
        .with("DEPLOYMENT_MODE", "both")
        .with("TENANTRY__SERVER__PORT", "http")
        .with("TENANTRY__SERVER__HSOT", "x")
}

#[test]
fn all_errors_are_printed_and_the_exit_code_is_78() {
    for command in [
        &["config", "check"][..],
        &["config", "print"],
        &["serve"],
        &[],
    ] {
        let output = wrong().run(command).expect(78);
        for name in [
            "DEPLOYMENT_MODE",
            "TENANTRY__SERVER__PORT",
            "TENANTRY__SERVER__HSOT",
        ] {
            assert!(output.stderr.contains(name), "{output:#?}");
        }
        assert_eq!(output.stdout, "");
    }
}

#[test]
fn errors_are_listed_as_json_too() {
    let output = wrong().run(&["config", "check", "--json"]).expect(78);
    let listed = output.json()["mistakes"].as_array().map(Vec::len);
    assert_eq!(listed, Some(3), "{output:#?}");
    let fine = Program::bare()
        .run(&["config", "check", "--json"])
        .expect(0);
    assert_eq!(fine.json()["mistakes"].as_array().map(Vec::len), Some(0));
}

#[test]
fn secrets_are_not_printed() {
    let program = Program::bare()
        .with("DATABASE_URL", "postgres://app:hunter2@db.example/tenantry")
        .with("TENANTRY__SESSION__SECRET", SECRET);
    for arguments in [&["config", "print"][..], &["config", "print", "--json"]] {
        let output = program.run(arguments).expect(0);
        let all = output.stdout.clone() + &output.stderr;
        assert!(
            !all.contains("hunter2") && !all.contains(SECRET),
            "{output:#?}"
        );
        assert!(
            all.contains("postgres://app:***@db.example/tenantry"),
            "{output:#?}"
        );
    }
}

#[test]
fn printed_settings_name_their_source() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("layers");
    fs::create_dir_all(&folder).expect("a writable directory");
    fs::write(
        folder.join("tenantry.toml"),
        "[server]\nport = 1\nhost = '::1'",
    )
    .expect("written");
    fs::write(
        folder.join(".env"),
        "TENANTRY__SERVER__PORT=2\nDEPLOYMENT_MODE=saas",
    )
    .expect("written");
    let program = Program::bare()
        .in_folder(folder)
        .with("DEPLOYMENT_MODE", "dedicated")
        .with("DEDICATED_ORG_SLUG", "acme");
    let listed = program.run(&["config", "print", "--json"]).expect(0).json();
    let of = |name: &str| {
        let all = listed.as_array().expect("a list");
        let found = all
            .iter()
            .find(|setting| setting["variable"] == name)
            .expect("listed");
        (
            found["value"].as_str().map(ToOwned::to_owned),
            found["from"].clone(),
        )
    };
    let expected = |value: &str, from: &str| (Some(value.to_owned()), from.into());
    assert_eq!(
        of("TENANTRY__SERVER__HOST"),
        expected("::1", "tenantry.toml")
    );
    assert_eq!(of("TENANTRY__SERVER__PORT"), expected("2", ".env"));
    assert_eq!(
        of("DEPLOYMENT_MODE"),
        expected("dedicated", "the environment")
    );
    assert_eq!(
        of("TENANTRY__LIMITS__BODY_BYTES"),
        expected("65536", "default")
    );
}

#[test]
fn a_setting_without_effect_is_named_by_the_check_and_the_start() {
    let program = Program::bare().with("DEDICATED_ORG_SLUG", "acme");
    let checked = program.run(&["config", "check"]).expect(0);
    assert!(
        checked.stdout.contains("DEDICATED_ORG_SLUG has no effect"),
        "{checked:#?}"
    );
    let json = program.run(&["config", "check", "--json"]).expect(0).json();
    assert_eq!(json["mistakes"].as_array().map(Vec::len), Some(0));
    assert_eq!(json["warnings"][0]["name"], "DEDICATED_ORG_SLUG");
    let none = Program::bare()
        .run(&["config", "check", "--json"])
        .expect(0);
    assert_eq!(none.json()["warnings"].as_array().map(Vec::len), Some(0));
}

#[test]
fn an_address_that_only_the_driver_would_take_is_refused() {
    for (address, expected) in [
        ("postgres://app:100%zz@h/db", "write a % as %25"),
        ("postgres://h/db", "with its user"),
    ] {
        let program = Program::bare()
            .with("DATABASE_URL", address)
            .with("TENANTRY__SESSION__SECRET", SECRET);
        let refused = program.run(&["config", "check"]).expect(78);
        assert!(refused.stderr.contains("DATABASE_URL must"), "{refused:#?}");
        assert!(refused.stderr.contains(expected), "{refused:#?}");
    }
}
