//! The sources of settings.

use std::{collections::BTreeMap, ffi::OsString, io::ErrorKind, path::Path};

use super::SettingErrors;

const FILE: &str = "tenantry.toml";
const DOTENV: &str = ".env";

/// The layers of the settings, as text.
#[derive(Clone, Debug)]
pub struct SettingSources {
    /// The text of `tenantry.toml`, if there is one.
    pub file: Option<String>,
    /// The text of `.env`, if there is one.
    pub dotenv: Option<String>,
    /// The environment.
    pub environment: BTreeMap<String, String>,
    /// Reads the file that a `*_FILE` variable names.
    pub read: fn(&Path) -> std::io::Result<String>,
}

/// A text without the byte order mark that some editors begin it with.
pub(super) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{FEFF}').unwrap_or(text)
}

impl SettingSources {
    /// Only these variables, and no files.
    #[must_use]
    pub fn environment<'v>(variables: impl IntoIterator<Item = (&'v str, &'v str)>) -> Self {
        let variables = variables.into_iter();
        let owned = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            file: None,
            dotenv: None,
            environment: owned.collect(),
            read: |path| std::fs::read_to_string(path),
        }
    }

    /// The sources of this process, and an error for each file that exists and can't be read.
    pub(super) fn of_process() -> (Self, SettingErrors) {
        let mut errors = SettingErrors::default();
        let mut read = |name: &str| match std::fs::read_to_string(name) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => {
                errors.add(name, format!("can't be read: {error}"));
                None
            }
        };
        let file = read(FILE);
        let dotenv = read(DOTENV);
        // Invalid UTF-8 leaves U+FFFD behind, which is reported where a setting has it.
        let lossy = |(name, value): (OsString, OsString)| {
            let name = name.to_string_lossy().into_owned();
            (name, value.to_string_lossy().into_owned())
        };
        let sources = Self {
            file,
            dotenv,
            environment: std::env::vars_os().map(lossy).collect(),
            read: |path| std::fs::read_to_string(path),
        };
        (sources, errors)
    }
}
