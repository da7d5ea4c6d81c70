//! The errors of accounts and sessions.

use tenantry_core::{
    db::DbError,
    error::{DomainError, ErrorKind},
    page::PageError,
};

use crate::password::HashingError;

/// Why an operation on an account or a session failed.
#[derive(Debug, thiserror::Error)]
pub enum UsersError {
    /// Another account has this address.
    #[error("there is an account with this e-mail address")]
    EmailTaken,
    /// No active account with this address and password. Which of the two is wrong is not disclosed.
    #[error("the e-mail address or the password is wrong")]
    InvalidCredentials,
    /// The current password, asked for again, does not match.
    #[error("the current password is wrong")]
    WrongPassword,
    /// The link was used or replaced, expired, or was never made: all get the same response.
    #[error("the link is of no use any more; ask for a new one")]
    DeadLink,
    /// The address got as many mails of this kind in an hour as it may.
    #[error("too many mails were asked for; try again in an hour")]
    TooManyMails,
    /// No account of this id.
    #[error("no such user")]
    UserNotFound,
    /// No session of this id, or another user's: both get the same response.
    #[error("no such session")]
    UnknownSession,
    /// The caller's session or account ended during the request.
    #[error("the session is over")]
    SessionExpired,
    /// The queue of the password hasher is full.
    #[error("too many people are signing in at this moment; try again")]
    Busy,
    /// A password could not be hashed.
    #[error("a password could not be checked")]
    Hashing(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The page request is invalid, or the page could not be read.
    #[error(transparent)]
    Page(#[from] PageError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl DomainError for UsersError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::EmailTaken => ErrorKind::Conflict,
            Self::InvalidCredentials | Self::SessionExpired => ErrorKind::Unauthenticated,
            Self::WrongPassword => ErrorKind::Invalid,
            Self::UserNotFound | Self::UnknownSession => ErrorKind::NotFound,
            Self::DeadLink => ErrorKind::Gone,
            Self::Busy | Self::TooManyMails => ErrorKind::TooMany,
            Self::Hashing(_) => ErrorKind::Internal,
            Self::Page(error) => error.kind(),
            Self::Database(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::EmailTaken => "email_taken",
            Self::InvalidCredentials => "invalid_credentials",
            Self::WrongPassword => "wrong_password",
            Self::DeadLink => "link_dead",
            Self::TooManyMails => "too_many_mails",
            Self::UserNotFound => "user_not_found",
            Self::UnknownSession => "session_not_found",
            // The same code as for any other expired credential.
            Self::SessionExpired => "invalid_credential",
            Self::Busy => "too_many_logins",
            Self::Hashing(_) => "internal_error",
            Self::Page(error) => error.code(),
            Self::Database(error) => error.code(),
        }
    }
}

impl From<HashingError> for UsersError {
    fn from(error: HashingError) -> Self {
        match error {
            HashingError::Busy => Self::Busy,
            other => Self::Hashing(Box::new(other)),
        }
    }
}
