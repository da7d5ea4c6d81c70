//! Errors in the settings.

use std::fmt;

/// One invalid setting: its name, and what is expected. Never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingError {
    /// The variable, the key or the file.
    pub name: String,
    /// What is expected, and what was found instead.
    pub problem: String,
}

impl SettingError {
    pub(super) fn new(name: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            problem: problem.into(),
        }
    }
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.problem)
    }
}

/// All errors in the settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingErrors(Vec<SettingError>);

impl SettingErrors {
    pub(super) fn add(&mut self, name: impl Into<String>, problem: impl Into<String>) {
        self.0.push(SettingError::new(name, problem));
    }

    /// Adds an error unless there is one of this name.
    pub(super) fn add_once(&mut self, name: &str, problem: impl Into<String>) {
        if !self.0.iter().any(|error| error.name == name) {
            self.add(name, problem);
        }
    }

    pub(super) fn none_or<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, Self> {
        if self.0.is_empty() {
            Ok(build().expect("a missing value has recorded an error"))
        } else {
            Err(self)
        }
    }

    /// The errors.
    pub fn iter(&self) -> impl Iterator<Item = &SettingError> {
        self.0.iter()
    }
}

impl fmt::Display for SettingErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings are not valid:")?;
        for error in &self.0 {
            write!(f, "\n  {error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for SettingErrors {}
