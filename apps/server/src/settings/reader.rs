//! Reads and parses settings one by one, and collects every error.

use std::{fmt::Display, path::Path, str::FromStr};

use secrecy::{ExposeSecret as _, SecretString};

use super::{
    SettingError, SettingErrors, SettingSources, catalog::Setting, merge::RawSettings,
    sources::without_mark,
};

pub(super) struct SettingsReader<'a> {
    raw: &'a RawSettings,
    sources: &'a SettingSources,
    errors: SettingErrors,
    warnings: Vec<SettingError>,
}

impl<'a> SettingsReader<'a> {
    pub(super) fn new(
        raw: &'a RawSettings,
        sources: &'a SettingSources,
        errors: SettingErrors,
    ) -> Self {
        Self {
            raw,
            sources,
            errors,
            warnings: Vec::new(),
        }
    }

    /// The errors and the warnings.
    pub(super) fn finish(self) -> (SettingErrors, Vec<SettingError>) {
        (self.errors, self.warnings)
    }

    /// Names a setting that is valid and does nothing.
    pub(super) fn warn(&mut self, setting: &Setting, problem: &str) {
        let warning = SettingError::new(setting.variable, problem);
        self.warnings.push(warning);
    }

    pub(super) fn error(&mut self, setting: &Setting, problem: impl Into<String>) {
        self.errors.add(setting.variable, problem);
    }

    /// Reports each of these settings that is configured, for a build without the feature that
    /// uses them: they would have no effect. Values are not shown, they may be secret.
    #[cfg(any(test, not(all(feature = "nats", feature = "otel", feature = "web"))))]
    pub(super) fn reject_without(&mut self, feature: &str, settings: &[&Setting]) -> Option<()> {
        let mut accepted = Some(());
        for setting in settings {
            let value = self.raw.text(setting.key);
            let is_changed = value.is_some() && value != setting.default;
            if is_changed || self.raw.text(&setting.file_key()).is_some() {
                self.error(
                    setting,
                    format!(
                        "needs a build with the feature `{feature}`: \
                         cargo build --release --features {feature}"
                    ),
                );
                accepted = None;
            }
        }
        accepted
    }

    /// The text of a setting, or its default.
    pub(super) fn text(&self, setting: &Setting) -> Option<&'a str> {
        self.raw.text(setting.key).or(setting.default)
    }

    /// A setting with a default. `None`, and a recorded error, if it is invalid.
    pub(super) fn value<T, E: Display>(
        &mut self,
        setting: &Setting,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        self.optional(setting, parse).flatten()
    }

    /// A setting that may be left out. The outer `None` means a recorded error.
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
                let layer = self.raw.layer(setting.key).unwrap_or("the defaults");
                self.error(setting, format!("{expected}; found {text:?} in {layer}"));
                None
            }
        }
    }

    /// A secret, from its variable or from the file that its `_FILE` variable names. Errors never
    /// contain the value.
    pub(super) fn secret<T>(
        &mut self,
        setting: &Setting,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<Option<T>> {
        let text = match (
            self.raw.text(setting.key),
            self.raw.text(&setting.file_key()),
        ) {
            (Some(_), Some(_)) => {
                let problem = format!("and {} are both set; keep one", setting.file_variable());
                self.error(setting, problem);
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
                self.error(setting, expected);
                None
            }
        }
    }

    fn secret_in_file(&mut self, setting: &Setting, path: &str) -> Option<SecretString> {
        match (self.sources.read)(Path::new(path)) {
            Ok(text) => {
                // Editors end a file with a line break, which is not part of the secret.
                let text = without_mark(&text);
                let text = text.strip_suffix('\n').unwrap_or(text);
                Some(text.strip_suffix('\r').unwrap_or(text).into())
            }
            Err(error) => {
                let name = setting.file_variable();
                let problem = format!("must name a file that can be read; {path:?}: {error}");
                self.errors.add(name, problem);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{
        catalog::{NATS_STREAM, NATS_URL, OTEL_ENDPOINT},
        merge,
    };

    fn rejected(variables: &[(&str, &str)]) -> Vec<String> {
        let sources = SettingSources::environment(variables.iter().copied());
        let mut errors = SettingErrors::default();
        let raw = merge::merge(&sources, &mut errors);
        let mut reader = SettingsReader::new(&raw, &sources, errors);
        let settings = [&NATS_URL, &NATS_STREAM, &OTEL_ENDPOINT];
        let accepted = reader.reject_without("nats", &settings);
        let errors: Vec<_> = reader.finish().0.iter().map(ToString::to_string).collect();
        assert_eq!(accepted.is_some(), errors.is_empty());
        errors
    }

    #[test]
    fn a_setting_of_a_missing_feature_is_an_error_that_names_the_feature_and_shows_no_value() {
        assert_eq!(rejected(&[]), [""; 0]);
        for (variable, value) in [
            (NATS_URL.variable, "nats://app:hunter2@broker:4222"),
            ("TENANTRY__EVENTS__NATS_URL_FILE", "/run/hunter2"),
            (NATS_STREAM.variable, "hunter2"),
            (OTEL_ENDPOINT.variable, "http://hunter2:4318"),
        ] {
            let errors = rejected(&[(variable, value)]);
            assert_eq!(errors.len(), 1, "{errors:?}");
            assert!(errors[0].contains("--features nats"), "{errors:?}");
            assert!(!errors[0].contains("hunter2"), "{errors:?}");
        }
    }

    #[test]
    fn a_setting_of_a_missing_feature_may_have_its_default() {
        let default = NATS_STREAM.default.expect("it has one");
        assert_eq!(rejected(&[(NATS_STREAM.variable, default)]), [""; 0]);
    }
}
