//! Why a command failed.

use std::{error::Error, fmt, process::ExitCode};

use crate::settings::SettingErrors;

/// Why a command failed, with a message that says what to do about it.
#[derive(Debug)]
pub enum Failure {
    /// The command ran and failed: exit code 1.
    Failed(String),
    /// The arguments are wrong: exit code 2.
    Usage(String),
    /// The settings are wrong: exit code 78, `EX_CONFIG` of `sysexits.h`.
    Settings(SettingErrors),
}

impl Failure {
    /// What failed, followed by the chain of causes.
    pub(crate) fn caused_by(what: impl fmt::Display, error: &dyn Error) -> Self {
        let mut text = format!("{what}: {error}");
        let mut source = error.source();
        while let Some(cause) = source {
            let cause_text = cause.to_string();
            // Many errors repeat their source in their own text.
            if !text.contains(&cause_text) {
                text.push_str(": ");
                text.push_str(&cause_text);
            }
            source = cause.source();
        }
        Self::Failed(text)
    }

    /// The failure, and what to do about it.
    pub(crate) fn with_remedy(self, remedy: Option<&str>) -> Self {
        match (self, remedy) {
            (Self::Failed(text), Some(remedy)) => Self::Failed(format!("{text}: {remedy}")),
            (failure, _) => failure,
        }
    }

    /// The exit code.
    #[must_use]
    pub fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::Settings(_) => 78,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(text) | Self::Usage(text) => f.write_str(text),
            Self::Settings(errors) => errors.fmt(f),
        }
    }
}

impl Error for Failure {}

impl From<SettingErrors> for Failure {
    fn from(errors: SettingErrors) -> Self {
        Self::Settings(errors)
    }
}
