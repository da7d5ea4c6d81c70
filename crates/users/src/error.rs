//! The errors of accounts and sessions.

use tenantry_core::{
    access::AccessError,
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
    /// The code of the second factor is wrong, or was used before.
    #[error("the code is wrong, or was used before")]
    WrongCode,
    /// The login took too long, had too many wrong codes, or was ended.
    #[error("the login took too long or had too many wrong codes; begin again")]
    LoginExpired,
    /// An authenticator app is set up already.
    #[error("an authenticator app is set up already; remove it first")]
    SecondFactorExists,
    /// No enrolment waits to be confirmed.
    #[error("no authenticator app waits to be confirmed; begin again")]
    NoEnrolment,
    /// The account has no such second factor.
    #[error("no such second factor is set up")]
    NoSecondFactor,
    /// The server's address has no name that passkeys could belong to.
    #[error("passkeys need a server with a name; open it as https and a name, or as localhost")]
    PasskeysUnavailable,
    /// The browser's answer is not one that this server asked this session for.
    #[error("the passkey was not accepted; begin again")]
    PasskeyInvalid,
    /// No active account with this passkey, or it did not sign what it should. Which of them is not
    /// disclosed.
    #[error("the passkey was not accepted")]
    PasskeyRefused,
    /// The account has as many passkeys as it may.
    #[error("there are twenty passkeys; remove one first")]
    TooManyPasskeys,
    /// No passkey of this id, or another user's: both get the same response.
    #[error("no such passkey")]
    PasskeyNotFound,
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
    /// The session may not do this now.
    #[error(transparent)]
    Access(#[from] AccessError),
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
            Self::EmailTaken
            | Self::SecondFactorExists
            | Self::NoEnrolment
            | Self::PasskeysUnavailable
            | Self::TooManyPasskeys => ErrorKind::Conflict,
            Self::InvalidCredentials
            | Self::SessionExpired
            | Self::LoginExpired
            | Self::PasskeyRefused => ErrorKind::Unauthenticated,
            Self::WrongPassword | Self::WrongCode | Self::PasskeyInvalid => ErrorKind::Invalid,
            Self::UserNotFound
            | Self::UnknownSession
            | Self::NoSecondFactor
            | Self::PasskeyNotFound => ErrorKind::NotFound,
            Self::DeadLink => ErrorKind::Gone,
            Self::Busy | Self::TooManyMails => ErrorKind::TooMany,
            Self::Hashing(_) => ErrorKind::Internal,
            Self::Access(error) => error.kind(),
            Self::Page(error) => error.kind(),
            Self::Database(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::EmailTaken => "email_taken",
            Self::InvalidCredentials => "invalid_credentials",
            Self::WrongPassword => "wrong_password",
            Self::WrongCode => "wrong_code",
            Self::LoginExpired => "login_expired",
            Self::SecondFactorExists => "second_factor_exists",
            Self::NoEnrolment => "no_enrolment",
            Self::NoSecondFactor => "second_factor_not_found",
            Self::PasskeysUnavailable => "passkeys_unavailable",
            Self::PasskeyInvalid => "passkey_invalid",
            Self::PasskeyRefused => "passkey_refused",
            Self::TooManyPasskeys => "too_many_passkeys",
            Self::PasskeyNotFound => "passkey_not_found",
            Self::DeadLink => "link_dead",
            Self::TooManyMails => "too_many_mails",
            Self::UserNotFound => "user_not_found",
            Self::UnknownSession => "session_not_found",
            // The same code as for any other expired credential.
            Self::SessionExpired => "invalid_credential",
            Self::Busy => "too_many_logins",
            Self::Hashing(_) => "internal_error",
            Self::Access(error) => error.code(),
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
