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
}

impl Check {
    /// Nothing is wrong.
    pub fn fine(name: &'static str, found: impl Into<String>) -> Self {
        Self {
            name,
            found: found.into(),
            remedy: None,
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
        }
    }
}
