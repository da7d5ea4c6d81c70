//! The errors of the audit log.

use tenantry_core::{
    access::PermissionDenied,
    db::DbError,
    error::{DomainError, ErrorKind},
    page::PageError,
};

/// Why the audit log could not be read.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The caller's role does not allow it.
    #[error(transparent)]
    PermissionDenied(#[from] PermissionDenied),
    /// The page request is invalid, or the page could not be read.
    #[error(transparent)]
    Page(#[from] PageError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl DomainError for AuditError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::PermissionDenied(_) => ErrorKind::Forbidden,
            Self::Page(error) => error.kind(),
            Self::Database(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::PermissionDenied(_) => "permission_denied",
            Self::Page(error) => error.code(),
            Self::Database(error) => error.code(),
        }
    }
}
