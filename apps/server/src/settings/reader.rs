//! Reading one setting after the other, and remembering every mistake.

use std::{fmt::Display, path::Path, str::FromStr};

use secrecy::{ExposeSecret as _, SecretString};

use super::{Inputs, Mistakes, catalog::Setting, merge::Given};

pub(super) struct Reader<'a> {
    given: &'a Given,
    inputs: &'a Inputs,
    mistakes: Mistakes,
}

impl<'a> Reader<'a> {
    pub(super) fn new(given: &'a Given, inputs: &'a Inputs, mistakes: Mistakes) -> Self {
        Self {
            given,
            inputs,
            mistakes,
        }
    }

    pub(super) fn finish(self) -> Mistakes {
        self.mistakes
    }

    pub(super) fn mistake(&mut self, setting: &Setting, problem: impl Into<String>) {
        self.mistakes.add(setting.variable, problem);
    }

    /// The text of a setting: what somebody set, else the default.
    pub(super) fn text(&self, setting: &Setting) -> Option<&'a str> {
        self.given.text(setting.key).or(setting.default)
    }

    /// A setting that always has a value; nothing, and a mistake, if it isn't valid.
    pub(super) fn value<T, E: Display>(
        &mut self,
        setting: &Setting,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        self.optional(setting, parse).flatten()
    }

    /// A setting that may be left out: the outer nothing is a mistake.
    pub(super) fn optional<T, E: Display>(
        &mut self,
        setting: &Setting,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<Option<T>> {
        let Some(text) = self.text(setting) else {
            return Some(None);
        };
        match parse(text) {
            Ok(value) => Some(Some(value)),
            Err(expected) => {
                let layer = self.given.layer(setting.key).unwrap_or("the defaults");
                self.mistake(setting, format!("{expected}; found {text:?} in {layer}"));
                None
            }
        }
    }

    /// A secret, from its variable or from the file that its `_FILE` variable names. What was
    /// found is never part of a mistake.
    pub(super) fn secret<T>(
        &mut self,
        setting: &Setting,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<Option<T>> {
        let text = match (
            self.given.text(setting.key),
            self.given.text(&setting.file_key()),
        ) {
            (Some(_), Some(_)) => {
                let problem = format!("and {} are both set; keep one", setting.file_variable());
                self.mistake(setting, problem);
                return None;
            }
            (Some(text), None) => SecretString::from(text),
            (None, Some(path)) => self.secret_in_file(setting, path)?,
            (None, None) => match setting.default {
                Some(text) => SecretString::from(text),
                None => return Some(None),
            },
        };
        match parse(text.expose_secret()) {
            Ok(value) => Some(Some(value)),
            Err(expected) => {
                self.mistake(setting, expected);
                None
            }
        }
    }

    fn secret_in_file(&mut self, setting: &Setting, path: &str) -> Option<SecretString> {
        match (self.inputs.read)(Path::new(path)) {
            Ok(text) => {
                // Editors end a file with a line break; it is no part of the secret.
                let text = text.strip_suffix('\n').unwrap_or(&text);
                Some(text.strip_suffix('\r').unwrap_or(text).into())
            }
            Err(error) => {
                let name = setting.file_variable();
                let problem = format!("must name a file that can be read; {path:?}: {error}");
                self.mistakes.add(name, problem);
                None
            }
        }
    }
}

/// Parses a whole number within bounds.
pub(super) fn whole_number<T>(from: T, to: T) -> impl FnOnce(&str) -> Result<T, String>
where
    T: FromStr + PartialOrd + Display,
{
    move |text| match text.parse() {
        Ok(number) if from <= number && number <= to => Ok(number),
        _ => Err(format!("must be a whole number from {from} to {to}")),
    }
}

/// Parses `true` or `false`.
pub(super) fn flag(text: &str) -> Result<bool, &'static str> {
    text.parse().map_err(|_| "must be true or false")
}
