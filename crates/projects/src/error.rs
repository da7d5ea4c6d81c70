//! The errors of the module.

use tenantry_core::{
    access::PermissionDenied,
    db::DbError,
    error::{DomainError, ErrorKind},
    page::PageError,
};

/// Why a project could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// There is no such project in this organization.
    #[error("no such project")]
    NotFound,
    /// The project changed since the caller read it.
    #[error("the project was changed since you read it")]
    Stale,
    /// The organization's project limit is reached.
    #[error("this organization has as many projects as it may have")]
    LimitReached,
    /// The caller's role does not allow it.
    #[error(transparent)]
    PermissionDenied(#[from] PermissionDenied),
    /// The page request is not valid.
    #[error(transparent)]
    Page(#[from] PageError),
    /// An error of the database.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl DomainError for ProjectError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::Stale => ErrorKind::PreconditionFailed,
            Self::LimitReached => ErrorKind::Conflict,
            Self::PermissionDenied(_) => ErrorKind::Forbidden,
            Self::Page(error) => error.kind(),
            Self::Database(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "project_not_found",
            Self::Stale => "precondition_failed",
            Self::LimitReached => "project_limit_reached",
            Self::PermissionDenied(_) => "permission_denied",
            Self::Page(error) => error.code(),
            Self::Database(error) => error.code(),
        }
    }
}
