//! Errors that name business facts, and the one classification that turns them into answers.

use std::error::Error;

/// What kind of refusal an error is. The HTTP layer has one status for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request can't be understood: 400.
    Malformed,
    /// No valid credential: 401.
    Unauthenticated,
    /// Known, and not allowed: 403.
    Forbidden,
    /// Not there, or not to be seen by this caller: 404.
    NotFound,
    /// At odds with what is there: 409.
    Conflict,
    /// Known, and over: 410.
    Gone,
    /// The caller's picture of the thing is out of date: 412.
    PreconditionFailed,
    /// Understood, and not valid: 422.
    Invalid,
    /// Too many at once: 429, worth trying again.
    TooMany,
    /// A part of the system is away: 503, worth trying again.
    Unavailable,
    /// Our bug: 500. Logged in full, shown without detail.
    Internal,
}

/// An error of a module: a business fact with a kind and a stable code.
///
/// `Display` is what the client reads; it never holds SQL, paths or another caller's data.
/// Errors of kind [`ErrorKind::Internal`] and [`ErrorKind::Unavailable`] are logged instead of shown.
pub trait DomainError: Error + Send + Sync + 'static {
    /// The kind, which decides the status.
    fn kind(&self) -> ErrorKind;

    /// The stable, `snake_case` code that clients branch on.
    fn code(&self) -> &'static str;
}

/// A row of the reference of error codes (`docs/errors.md`). Each crate lists the codes that it
/// answers with.
#[derive(Clone, Copy, Debug)]
pub struct ErrorCode {
    /// The code, as in [`DomainError::code`].
    pub code: &'static str,
    /// When a client gets it.
    pub when: &'static str,
    /// What the client does about it.
    pub remedy: &'static str,
}

impl ErrorCode {
    /// A row.
    #[must_use]
    pub const fn new(code: &'static str, when: &'static str, remedy: &'static str) -> Self {
        Self { code, when, remedy }
    }
}
