//! Why a request was rejected.

use super::PermissionDenied;
use crate::error::{BoxError, DomainError, ErrorKind};

/// Why a request has no caller or no organization.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// A session cookie and an `Authorization` header in one request.
    #[error("send either the session cookie or the Authorization header, not both")]
    ConflictingCredentials,
    /// No credential.
    #[error("sign in first")]
    NotAuthenticated,
    /// A credential that is invalid or has expired.
    #[error("the credential is not valid or not valid any more")]
    InvalidCredential,
    /// The organization header is empty, repeated, or not a slug.
    #[error("X-Organization-Slug must be sent once and hold one valid slug")]
    InvalidOrganizationHeader,
    /// The header and the path name different organizations.
    #[error("X-Organization-Slug names another organization than the request itself")]
    OrganizationContextConflict,
    /// No organization on a route that requires one.
    #[error("name an organization with X-Organization-Slug or switch to one")]
    OrganizationRequired,
    /// The organization does not exist, is not active, or the caller is no member. One error for all
    /// three: a difference would reveal that the organization exists.
    #[error("no such organization")]
    OrganizationNotFound,
    /// The session's active organization is not available. There is no fallback to another one, so that
    /// a write never goes to another tenant.
    #[error("the organization of this session is not available any more; switch to another one")]
    ActiveOrganizationUnavailable,
    /// A route for session callers only.
    #[error("this needs a session, not a token")]
    SessionRequired,
    /// An account whose address is not confirmed, where that is required.
    #[error("confirm your e-mail address first")]
    EmailNotVerified,
    /// The session did not check the account's second factor recently enough.
    #[error("confirm it is you with your second factor first")]
    SecondFactorRequired,
    /// An account without a second factor, where the organization requires one.
    #[error("this organization requires a second factor; set one up for your account first")]
    SecondFactorMissing,
    /// A member without the permission.
    #[error(transparent)]
    PermissionDenied(#[from] PermissionDenied),
    /// The database failed.
    #[error(transparent)]
    Database(BoxError),
}

impl DomainError for AccessError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::ConflictingCredentials
            | Self::InvalidOrganizationHeader
            | Self::OrganizationContextConflict
            | Self::OrganizationRequired => ErrorKind::Malformed,
            Self::NotAuthenticated | Self::InvalidCredential => ErrorKind::Unauthenticated,
            Self::ActiveOrganizationUnavailable
            | Self::SessionRequired
            | Self::EmailNotVerified
            | Self::SecondFactorRequired
            | Self::SecondFactorMissing
            | Self::PermissionDenied(_) => ErrorKind::Forbidden,
            Self::OrganizationNotFound => ErrorKind::NotFound,
            Self::Database(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::ConflictingCredentials => "conflicting_credentials",
            Self::NotAuthenticated => "not_authenticated",
            Self::InvalidCredential => "invalid_credential",
            Self::InvalidOrganizationHeader => "invalid_organization_header",
            Self::OrganizationContextConflict => "organization_context_conflict",
            Self::OrganizationRequired => "organization_required",
            Self::OrganizationNotFound => "organization_not_found",
            Self::ActiveOrganizationUnavailable => "active_organization_unavailable",
            Self::SessionRequired => "session_required",
            Self::EmailNotVerified => "email_not_verified",
            Self::SecondFactorRequired => "second_factor_required",
            Self::SecondFactorMissing => "mfa_enrollment_required",
            Self::PermissionDenied(_) => "permission_denied",
            Self::Database(error) => error.code(),
        }
    }
}
