//! The reference of settings.

use std::fmt::Write as _;

use tenantry::settings::catalog::{ALL, Setting};

use super::{RENEW, compare};

const EXAMPLE: &str = include_str!("../../../../../.env.example");

/// The sections of `.env.example`: a title, and for each variable the comment above it.
fn sections() -> Vec<(String, Vec<(String, String)>)> {
    let mut sections = Vec::new();
    let mut comment: Vec<&str> = Vec::new();
    let mut is_complete = false;
    for line in EXAMPLE.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            sections.push((title.to_owned(), Vec::new()));
            comment.clear();
        } else if let Some(text) = line.strip_prefix("# ") {
            if std::mem::take(&mut is_complete) {
                comment.clear();
            }
            comment.push(text);
        } else if let Some((variable, _)) = line.strip_prefix('#').and_then(|l| l.split_once('=')) {
            // Variables that follow each other share a comment.
            is_complete = true;
            let (_, rows) = sections.last_mut().expect("a section");
            let comment = comment.join(" ");
            // The keys have a column of their own.
            let meaning = comment
                .split("In `tenantry.toml`")
                .next()
                .unwrap_or_default();
            rows.push((variable.to_owned(), meaning.trim_end().to_owned()));
        } else {
            comment.clear();
        }
    }
    sections
}

fn row(setting: &Setting, meaning: &str) -> String {
    let variable = setting.variable;
    let from_file = if setting.may_be_in_a_file() {
        format!(" or `{}`", setting.file_variable())
    } else {
        String::new()
    };
    let default = setting.default.map(|default| format!("`{default}`"));
    format!(
        "| `{variable}`{from_file} | `{}` | {} | {} |",
        setting.key,
        default.unwrap_or_else(|| "none".to_owned()),
        meaning.replace('|', "\\|"),
    )
}

fn generated() -> String {
    let mut text = format!(
        "# Settings\n\n\
         For operators. A setting is an environment variable, a line of `.env`, or a key of\n\
         `tenantry.toml`; the environment wins over `.env`, and `.env` over the file. An empty value\n\
         counts as not set. `tenantry config check` names every mistake, `tenantry config print` shows\n\
         what is in force, without secrets. `…_FILE` names a file that holds the value.\n\n\
         Generated from the catalog (`apps/server/src/settings/catalog.rs`) and the comments of\n\
         [`.env.example`](../.env.example); `{RENEW}` renews it.\n"
    );
    for (title, variables) in sections() {
        write!(
            text,
            "\n## {title}\n\n| variable | key | default | meaning |\n|---|---|---|---|\n"
        )
        .expect("text grows");
        for (variable, meaning) in variables {
            if let Some(setting) = ALL.iter().find(|setting| setting.variable == variable) {
                writeln!(text, "{}", row(setting, &meaning)).expect("text grows");
            }
        }
    }
    text
}

#[test]
fn the_documented_settings_are_those_of_the_catalog() {
    let generated = generated();
    for setting in ALL {
        let cell = format!("| `{}`", setting.variable);
        assert!(generated.contains(&cell), "{}", setting.variable);
    }
    compare("settings.md", &generated);
}
