//! The file `.env`.

use std::collections::BTreeMap;

use super::{SettingErrors, catalog};

/// The variables of the file. A variable of ours that is set twice, or that refers to one that is not
/// set, is an error: its value would be another one than its author sees.
pub(super) fn parse(
    text: &str,
    environment: &BTreeMap<String, String>,
    errors: &mut SettingErrors,
) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    for line in dotenvy::from_read_iter(text.as_bytes()) {
        let (name, value) = match line {
            Ok(variable) => variable,
            Err(error) => {
                let place = place(&error, text);
                errors.add(".env", format!("can't be understood{place}"));
                // Lines after a broken one may be misread.
                break;
            }
        };
        if variables.contains_key(&name) && catalog::is_ours(&name) {
            let lines = lines_of(&name, text).map(|(number, _)| number.to_string());
            let lines: Vec<_> = lines.collect();
            let lines = lines.join(" and ");
            let problem = format!("is set more than once in .env, in lines {lines}; keep one");
            errors.add_once(&name, problem);
        }
        variables.insert(name, value);
    }
    for name in variables.keys().filter(|name| catalog::is_ours(name)) {
        let is_set = |other: &str| environment.contains_key(other) || variables.contains_key(other);
        for (number, value) in lines_of(name, text) {
            if let Some(other) = references(value).into_iter().find(|other| !is_set(other)) {
                let problem = format!(
                    "refers to ${other}, which is not set, in line {number} of .env; put a value \
                     with a $ in 'single quotes'"
                );
                errors.add_once(name, problem);
            }
        }
    }
    variables
}

/// The lines that set a variable, with their numbers and what follows the `=`.
fn lines_of<'t>(name: &str, text: &'t str) -> impl Iterator<Item = (usize, &'t str)> {
    (1..).zip(text.lines()).filter_map(move |(number, line)| {
        let line = line.trim_start();
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (left, value) = line.split_once('=')?;
        (left.trim() == name).then_some((number, value))
    })
}

/// The names that a value refers to: `$NAME` and `${NAME}` outside of single quotes.
fn references(value: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut characters = value.trim_start().chars().peekable();
    let mut is_literal = false;
    let mut before = ' ';
    while let Some(character) = characters.next() {
        match character {
            '#' if before.is_whitespace() => break,
            '\'' => is_literal = !is_literal,
            '\\' if !is_literal => drop(characters.next()),
            '$' if !is_literal => {
                let mut name = String::new();
                let is_braced = characters.next_if_eq(&'{').is_some();
                let belongs = |next: &char| {
                    if is_braced {
                        *next != '}'
                    } else {
                        next.is_alphanumeric()
                    }
                };
                while let Some(next) = characters.next_if(belongs) {
                    name.push(next);
                }
                names.push(name);
            }
            _ => {}
        }
        before = character;
    }
    names
}

/// The number of a broken line. The line itself may hold a secret.
fn place(error: &dotenvy::Error, text: &str) -> String {
    let dotenvy::Error::LineParse(broken, _) = error else {
        return String::new();
    };
    let start = broken.lines().next().unwrap_or_default().trim();
    // Of a value that is broken, the error holds no name, and it never holds a comment.
    let is_it = |text: &str| {
        let rest = text.trim().strip_prefix(start).map(str::trim_start);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('#'))
    };
    let is_broken = |line: &str| {
        let value = line.split_once('=').map(|(_, value)| value);
        is_it(line) || value.is_some_and(is_it)
    };
    let Some((number, line)) = (1..).zip(text.lines()).find(|(_, line)| is_broken(line)) else {
        return String::new();
    };
    let name = line.split_once('=').map(|(name, _)| name.trim());
    let name = name.map(|name| name.strip_prefix("export ").unwrap_or(name).trim());
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
    };
    if name.is_some_and(is_name) {
        format!(
            ": the value in line {number} has a space, a quote or a backslash; put it in \
             'single quotes', and close them"
        )
    } else {
        format!(": line {number} is not NAME=value")
    }
}
