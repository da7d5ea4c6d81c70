//! A form as its template shows it.

use tenantry_http::{FieldErrors, FormFields};

/// The values that a form shows, and what is wrong with them.
#[derive(Debug, Default)]
pub(crate) struct FormView {
    sent: FormFields,
    errors: FieldErrors,
    /// What is wrong with the form as a whole.
    problem: Option<String>,
}

impl FormView {
    /// An empty form.
    pub(crate) fn empty() -> Self {
        Self::default()
    }

    /// A form with these values.
    pub(crate) fn of(values: &[(&str, &str)]) -> Self {
        Self {
            sent: FormFields::of(values),
            ..Self::default()
        }
    }

    /// What was sent, without a mistake.
    pub(crate) fn kept(sent: FormFields) -> Self {
        Self {
            sent,
            ..Self::default()
        }
    }

    /// What was sent, with the mistakes.
    pub(crate) fn invalid(sent: FormFields, errors: FieldErrors) -> Self {
        Self {
            sent,
            errors,
            problem: None,
        }
    }

    /// What was sent, with one sentence that belongs to no field.
    pub(crate) fn refused(sent: FormFields, problem: impl Into<String>) -> Self {
        Self {
            sent,
            errors: FieldErrors::default(),
            problem: Some(problem.into()),
        }
    }

    /// A form without fields that was refused.
    pub(crate) fn refusal(problem: String) -> Self {
        Self::refused(FormFields::default(), problem)
    }

    pub(crate) fn value(&self, name: &str) -> &str {
        self.sent.text(name)
    }

    pub(crate) fn has(&self, name: &str, value: &str) -> bool {
        self.sent.has(name, value)
    }

    pub(crate) fn error(&self, name: &str) -> Option<&str> {
        self.errors.of(name)
    }

    pub(crate) fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// Whether the field has the focus: the first one with a mistake.
    pub(crate) fn is_first(&self, name: &str) -> bool {
        self.errors.first() == Some(name)
    }
}
