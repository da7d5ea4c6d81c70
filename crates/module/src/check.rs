//! Results of `tenantry doctor`.

use serde::Serialize;

/// The result of one check.
#[derive(Debug, Serialize)]
pub struct Check {
    /// What was checked.
    pub name: &'static str,
    /// What was found.
    pub found: String,
    /// How to fix it, if something is wrong.
    pub remedy: Option<String>,
    /// What only the operator knows, and what to do if so.
    pub question: Option<String>,
}

impl Check {
    /// Nothing is wrong.
    pub fn fine(name: &'static str, found: impl Into<String>) -> Self {
        Self {
            name,
            found: found.into(),
            remedy: None,
            question: None,
        }
    }

    /// Something is wrong, and how to fix it.
    pub fn finding(
        name: &'static str,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            name,
            found: found.into(),
            remedy: Some(remedy.into()),
            question: None,
        }
    }

    /// Something may be wrong: a question to the operator.
    pub fn question(
        name: &'static str,
        found: impl Into<String>,
        question: impl Into<String>,
    ) -> Self {
        Self {
            question: Some(question.into()),
            ..Self::fine(name, found)
        }
    }
}
