//! The lint: every ban of `clippy.toml` is reported with its alternative.

use std::{fs, ops::RangeInclusive, path::Path, process::Command};

use serde_json::Value;

/// An entry of `clippy.toml`.
#[derive(Clone)]
struct Ban {
    path: String,
    reason: String,
}

/// A planted violation: a function of `planted.rs`.
#[derive(Clone)]
struct Planted {
    name: String,
    lines: RangeInclusive<u64>,
}

/// What clippy reported.
#[derive(Clone)]
struct Report {
    line: u64,
    path: String,
    notes: Vec<String>,
}

fn bans() -> Vec<Ban> {
    let text = read("../../clippy.toml");
    let quoted = |line: &str, key: &str| {
        let (_, rest) = line.split_once(&format!("{key} = \""))?;
        Some(rest.split_once('"')?.0.to_owned())
    };
    let entries = text.lines().filter(|line| line.contains("path = "));
    entries
        .map(|line| Ban {
            path: quoted(line, "path").expect("a path"),
            reason: quoted(line, "reason").expect("a ban gives its reason"),
        })
        .collect()
}

fn planted() -> Vec<Planted> {
    let text = read("tests/planted.rs");
    let mut planted = Vec::new();
    let mut open = None;
    for (line, text) in (1..).zip(text.lines()) {
        let text = text.strip_prefix("async ").unwrap_or(text);
        if let Some(name) = text.strip_prefix("fn ") {
            let name = name.split(['(', '<']).next().unwrap_or_default();
            open = Some((name.to_owned(), line));
        } else if text == "}"
            && let Some((name, first)) = open.take()
        {
            let lines = first..=line;
            planted.push(Planted { name, lines });
        }
    }
    planted
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(path).expect("a file of ours")
}

/// Runs clippy on `planted.rs`.
fn reports() -> Vec<Report> {
    let output = Command::new(env!("CARGO"))
        // The whole workspace, for the same features and so the same artifacts as `just lint`.
        .args(["clippy", "--workspace", "--test", "planted"])
        .args(["--offline", "--message-format", "json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let messages = String::from_utf8(output.stdout).expect("text");
    messages.lines().filter_map(report).collect()
}

fn report(line: &str) -> Option<Report> {
    let message: Value = line.parse().expect("JSON");
    let message = &message["message"];
    if message["code"]["code"] != "clippy::disallowed_methods" {
        return None;
    }
    let mut span = &message["spans"][0];
    // Of a macro, the place where it is used.
    while span["expansion"].is_object() {
        span = &span["expansion"]["span"];
    }
    assert_eq!(span["file_name"], "crates/core/tests/planted.rs");
    let notes = message["children"].as_array()?.iter();
    let notes = notes.filter_map(|note| note["message"].as_str());
    Some(Report {
        line: span["line_start"].as_u64()?,
        path: message["message"].as_str()?.split('`').nth(1)?.to_owned(),
        notes: notes.map(str::to_owned).collect(),
    })
}

/// The bans without a reported violation, and the violations that are not reported.
fn ineffective(bans: &[Ban], planted: &[Planted], reports: &[Report]) -> Vec<String> {
    let silent = bans.iter().filter(|ban| {
        let mut own = reports.iter().filter(|report| report.path == ban.path);
        !own.any(|report| report.notes.contains(&ban.reason))
    });
    let unnoticed = planted.iter().filter(|planted| {
        let mut lines = reports.iter().map(|report| report.line);
        !lines.any(|line| planted.lines.contains(&line))
    });
    let silent = silent.map(|ban| {
        let path = &ban.path;
        format!("`{path}` is not reported with its reason: plant a use of it in planted.rs")
    });
    let unnoticed = unnoticed.map(|planted| {
        let name = &planted.name;
        format!("`{name}` of planted.rs is not reported: ban in clippy.toml what it does")
    });
    silent.chain(unnoticed).collect()
}

#[test]
fn every_ban_is_reported_with_its_alternative() {
    let (bans, planted, reports) = (bans(), planted(), reports());
    assert!(bans.len() > 20 && planted.len() > bans.len());
    assert_eq!(ineffective(&bans, &planted, &reports), [""; 0]);
    for ban in &bans {
        assert!(ban.reason.contains(": "), "{}: {}", ban.path, ban.reason);
    }

    // A ban removed from clippy.toml, and one added without a violation.
    let lost = ineffective(&bans, &planted, &reports[1..]);
    assert_eq!(lost.len(), 1, "{lost:?}");
    assert!(lost[0].contains("ban in clippy.toml"), "{lost:?}");
    let mut more = bans.clone();
    more.push(Ban {
        path: "sea_orm::EntityTrait::has_one".to_owned(),
        ..bans[0].clone()
    });
    let unproven = ineffective(&more, &planted, &reports);
    assert_eq!(unproven.len(), 1, "{unproven:?}");
    assert!(unproven[0].contains("plant a use of it"), "{unproven:?}");
}
