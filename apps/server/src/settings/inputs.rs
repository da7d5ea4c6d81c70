//! Where settings come from.

use std::{collections::BTreeMap, ffi::OsString, io::ErrorKind, path::Path};

use super::Mistakes;

const FILE: &str = "tenantry.toml";
const DOTENV: &str = ".env";

/// The layers of the settings, as they were found.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The text of `tenantry.toml`, if there is one.
    pub file: Option<String>,
    /// The text of `.env`, if there is one.
    pub dotenv: Option<String>,
    /// The environment.
    pub environment: BTreeMap<String, String>,
    /// Reads the file that a `*_FILE` variable names.
    pub read: fn(&Path) -> std::io::Result<String>,
}

impl Inputs {
    /// Nothing but these variables.
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

    /// What this process was started with, and a mistake for each file that is there and can't be
    /// read.
    pub(super) fn of_process() -> (Self, Mistakes) {
        let mut mistakes = Mistakes::default();
        let mut read = |name: &str| match std::fs::read_to_string(name) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => {
                mistakes.add(name, format!("can't be read: {error}"));
                None
            }
        };
        let file = read(FILE);
        let dotenv = read(DOTENV);
        // What is no text is kept recognisable: a setting that holds it is a mistake.
        let lossy = |(name, value): (OsString, OsString)| {
            let name = name.to_string_lossy().into_owned();
            (name, value.to_string_lossy().into_owned())
        };
        let inputs = Self {
            file,
            dotenv,
            environment: std::env::vars_os().map(lossy).collect(),
            read: |path| std::fs::read_to_string(path),
        };
        (inputs, mistakes)
    }
}
