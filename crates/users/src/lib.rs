//! Accounts, passwords and sessions.
//!
//! - [`UsersService`]: everything that is done with accounts and sessions; made by [`service`]
//! - [`AccountsService`]: what other modules do to accounts, in their own unit of work
//! - [`UsersModule`]: its descriptor for the composition root
//! - [`SecurityLog`]: what people were refused, recorded for them
//! - [`TokenRevoker`]: who is told that credentials end which another module keeps
//! - [`Email`], [`Password`], [`User`], [`Session`]: what it is done with
//! - [`PasswordHasher`]: Argon2id off the workers, behind a bounded queue
//! - [`session_middleware`], [`SessionStoreAdapter`], [`SessionDigest`]: the session cookie, and what is
//!   stored of it

mod account;
mod email;
mod error;
mod error_codes;
mod http;
mod module;
mod password;
mod security_log;
mod service;
mod session;
mod store;

pub use account::{
    ClientInfo, Login, NewAccount, NewSession, OperatorFlags, PasswordChange, PreparedAccount,
    User, UserFilter,
};
pub use email::Email;
pub use error::UsersError;
pub use error_codes::ERROR_CODES;
pub use http::{LOGINS, Profile};
pub use module::UsersModule;
pub use password::{HashingCapacity, Password, PasswordCost, PasswordHasher, PasswordInput};
pub use security_log::SecurityLog;
pub use service::{
    AccountsService, CredentialRevocation, TokenRevoker, UsersDeps, UsersService, service,
};
pub use session::{
    CookieSettings, SecretTooShort, Session, SessionCookie, SessionCredentials, SessionDigest,
    SessionKey, SessionLifetime, SessionStoreAdapter, UserAgent, session_middleware,
};
