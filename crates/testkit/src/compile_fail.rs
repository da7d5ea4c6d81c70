//! Programs that must not compile, compared with the errors that they must have.

use std::{collections::BTreeMap, env, fs, path::Path, process::Command};

use serde_json::Value;

/// Compiles each `tests/ui/*.rs` of a package, and compares its errors with the `.stderr` file
/// beside it.
///
/// Each program is a `[[test]]` of the package with `test = false` and a name that starts with
/// `prefix`, so that it is compiled with the libraries that the lints have built. The environment
/// variable `TENANTRY_RENEW` writes the files anew.
///
/// # Panics
/// When a program compiles, is not listed in the manifest, or has other errors than expected.
pub fn assert_compile_fails(cargo: &str, package: &str, prefix: &str) {
    let mut found = errors(cargo, package, prefix);
    let mut wrong = Vec::new();
    let folder = Path::new(package).join("tests/ui");
    for entry in fs::read_dir(folder).expect("the package has tests/ui") {
        let program = entry.expect("an entry").path();
        if program.extension().is_none_or(|it| it != "rs") {
            continue;
        }
        let name = program.display();
        let expected_file = program.with_extension("stderr");
        let errors = found.remove(&program.display().to_string());
        let Some(errors) = errors else {
            wrong.push(format!(
                "{name} compiles, or is no [[test]] named {prefix}… in Cargo.toml"
            ));
            continue;
        };
        if env::var_os("TENANTRY_RENEW").is_some() {
            fs::write(&expected_file, &errors).expect("a file of ours");
        }
        let expected = fs::read_to_string(&expected_file).unwrap_or_default();
        if errors != expected {
            wrong.push(format!(
                "{name} has other errors than its .stderr file:\n{errors}"
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The errors of each program, by its path.
fn errors(cargo: &str, package: &str, prefix: &str) -> BTreeMap<String, String> {
    let output = Command::new(cargo)
        // The whole workspace, for the same features and so the same libraries as `just lint`.
        .args(["clippy", "--workspace", "--offline", "--keep-going"])
        .args(["--test", &format!("{prefix}*"), "--message-format", "json"])
        .current_dir(package)
        .output()
        .expect("cargo runs");
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let line: Value = line.parse().expect("JSON");
        let message = &line["message"];
        // The summary has no span.
        let has_place = message["spans"].as_array().is_some_and(|it| !it.is_empty());
        if message["level"] != "error" || !has_place {
            continue;
        }
        let program = line["target"]["src_path"].as_str().expect("a path");
        let errors = found.entry(program.to_owned()).or_default();
        errors.push_str(&rendered(message));
    }
    assert!(
        !found.is_empty(),
        "no program was compiled: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    found
}

/// The code, the place in the program and the texts of an error; places elsewhere change with
/// every edit and are left out.
fn rendered(message: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let code = message["code"]["code"].as_str();
    let code = code.map_or_else(String::new, |code| format!("[{code}]"));
    let spans = message["spans"].as_array().into_iter().flatten();
    let primary: Vec<_> = spans.filter(|span| span["is_primary"] == true).collect();
    let mut lines = vec![format!("error{code}: {}", text(&message["message"]))];
    for span in primary {
        let place = format!("{}:{}", span["line_start"], span["column_start"]);
        lines.push(format!("  {place} {}", text(&span["label"])));
    }
    for child in message["children"].as_array().into_iter().flatten() {
        let message = text(&child["message"]).replace('\n', "\n    ");
        // Where the full name of a long type was written: a path of this machine.
        if message.contains("long-type") || message.contains("`--verbose`") {
            continue;
        }
        lines.push(format!("  {}: {message}", text(&child["level"])));
    }
    let lines: Vec<_> = lines.iter().map(|line| line.trim_end()).collect();
    lines.join("\n") + "\n"
}
