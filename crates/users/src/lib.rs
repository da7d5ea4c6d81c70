//! Accounts, passwords and sessions.
//!
//! - [`UsersService`]: everything that is done with accounts and sessions; made by [`service`]
//! - [`AccountsService`]: what other modules do to accounts, in their own unit of work
//! - [`AccessLog`]: what people were refused, recorded for them
//! - [`TokenKeeper`]: who is told that credentials end which another module keeps
//! - [`Email`], [`Password`], [`User`], [`Session`]: what it is done with
//! - [`PasswordHasher`]: Argon2id off the workers, behind a bounded queue
//! - [`session_middleware`], [`SessionRows`], [`SessionDigest`]: the session cookie, and what is
//!   stored of it

mod access_log;
mod account;
mod email;
mod error;
mod http;
mod password;
mod service;
mod session;
mod store;

pub use access_log::AccessLog;
pub use account::{
    Draft, Flags, Login, NewAccount, PasswordChange, SignedIn, User, UserFilter, Visitor,
};
pub use email::Email;
pub use error::UsersError;
pub use http::{LOGINS, Profile, routes};
pub use password::{HashingCapacity, Password, PasswordCost, PasswordHasher, TypedPassword};
pub use service::{AccountsService, CredentialsEnd, TokenKeeper, UsersDeps, UsersService, service};
pub use session::{
    CookieSettings, Session, SessionCookie, SessionCredentials, SessionDigest, SessionKey,
    SessionLifetime, SessionRows, ShortSecret, UserAgent, session_middleware,
};
