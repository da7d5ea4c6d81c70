//! Accounts, passwords and sessions.
//!
//! - [`UsersService`]: accounts and sessions; created by [`service`]
//! - [`AccountsService`]: changes to accounts in the unit of work of another module
//! - [`RecoveryService`]: forgotten passwords and the confirmation of addresses, by mailed links
//! - [`SecondFactorService`]: second factors, at a login and later
//! - `PasskeysService`: passkeys (feature `passkeys`)
//! - [`UsersModule`]: its descriptor for the composition root
//! - [`SecurityLog`]: failed sign-ins and denied permissions, buffered and then recorded
//! - [`TokenRevoker`]: notified when a user's credentials are revoked, for tokens kept elsewhere
//! - [`Email`], [`Password`], [`User`], [`Session`]: the values
//! - [`PasswordHasher`]: Argon2id off the workers, behind a bounded queue
//! - [`session_middleware`], [`SessionStoreAdapter`], [`SessionDigest`]: the session cookie, and the
//!   stored digest of its key

mod account;
mod email;
mod error;
mod error_codes;
mod factors;
mod http;
mod links;
mod module;
mod passkeys;
mod password;
mod security_log;
mod service;
mod session;
mod store;

pub use account::{
    ClientInfo, Login, NewAccount, NewSession, OperatorFlags, PasswordChange, User, UserFilter,
};
pub use email::Email;
pub use error::UsersError;
pub use error_codes::ERROR_CODES;
pub use factors::{
    EnrolledFactor, FactorKey, FactorMethod, FactorRemoval, FactorSettings, LoginOutcome,
    PENDING_LOGIN, PendingLogin, PendingLoginKey, RecoveryCode, SecondFactorCode,
    SecondFactorService, SecondFactors, TotpCode, TotpEnrolment,
};
pub use http::{Profile, count_code_check, count_password_check};
pub use links::{
    EmailChange, LinkPurpose, LinkSecret, LinkToMail, MailRequested, RecoveryService,
    VerificationPolicy,
};
pub use module::UsersModule;
#[cfg(feature = "passkeys")]
pub use passkeys::{
    AddedPasskey, CreatedCredential, CreationOptions, NewPasskey, PasskeysService, RequestOptions,
    SignedCredential,
};
pub use passkeys::{Base64Url, Passkey, RelyingParty};
pub use password::{HashingCapacity, Password, PasswordCost, PasswordHasher, PasswordInput};
pub use security_log::{DENIALS_DROPPED, SecurityLog};
pub use service::{
    AccountsService, CredentialRevocation, PreparedAccount, TokenRevoker, UsersDeps, UsersService,
    service,
};
pub use session::{
    ACCOUNT_LOGINS, CookieSettings, LOGINS, LoginAttempt, PendingLoginCookie, SecretTooShort,
    Session, SessionCookie, SessionCredentials, SessionDigest, SessionKey, SessionLifetime,
    SessionStoreAdapter, UserAgent, end_replaced_sessions, session_middleware,
};
