//! Domain errors, and their classification into responses.

use std::{error::Error, fmt};

/// The kind of an error. The HTTP layer has one status for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request is malformed: 400.
    Malformed,
    /// No valid credential: 401.
    Unauthenticated,
    /// The caller is known, and not allowed: 403.
    Forbidden,
    /// It does not exist, or the caller may not see it: 404.
    NotFound,
    /// Conflicts with the current state: 409.
    Conflict,
    /// It existed, and ended: 410.
    Gone,
    /// The caller's version is out of date: 412.
    PreconditionFailed,
    /// Understood, and invalid: 422.
    Invalid,
    /// Too many requests: 429, may be retried.
    TooMany,
    /// A part of the system is unavailable: 503, may be retried.
    Unavailable,
    /// Our bug: 500. Logged in full; the client gets no detail.
    Internal,
}

/// An error of a module: a business fact with a kind and a stable code.
///
/// The client reads its `Display`, which never contains SQL, paths or another caller's data. Errors of
/// kind [`ErrorKind::Internal`] and [`ErrorKind::Unavailable`] are logged instead.
pub trait DomainError: Error + Send + Sync + 'static {
    /// The kind, which decides the status.
    fn kind(&self) -> ErrorKind;

    /// The stable, `snake_case` code that clients branch on.
    fn code(&self) -> &'static str;
}

/// An error of another module, known only by its kind, code and message.
#[derive(Debug)]
pub struct BoxError(Box<dyn DomainError>);

impl BoxError {
    /// Boxes the error.
    pub fn new(error: impl DomainError) -> Self {
        Self(Box::new(error))
    }
}

impl fmt::Display for BoxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for BoxError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

impl DomainError for BoxError {
    fn kind(&self) -> ErrorKind {
        self.0.kind()
    }

    fn code(&self) -> &'static str {
        self.0.code()
    }
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
