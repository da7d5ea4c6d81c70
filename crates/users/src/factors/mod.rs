//! Second factors: what a person proves beside the password.
//!
//! - `SecondFactorService`: the operations
//! - `SecondFactors`, `FactorMethod`: what an account has set up; whatever its kind, there is one list, one
//!   step of the login, and one check again
//! - `PendingLogin`: a login whose password was right and whose second factor is not proved yet
//! - `totp`: codes of an authenticator app (RFC 6238)
//! - `recovery`: codes for a person who lost the other factors

mod code;
mod http;
mod key;
mod model;
mod pending;
mod qr_code;
mod recovery;
mod service;
pub(crate) mod store;
mod totp;

pub use code::SecondFactorCode;
#[cfg(feature = "passkeys")]
pub(crate) use http::CurrentPassword;
pub(crate) use http::routes;
pub(crate) use key::SealedSecret;
pub use key::{FactorKey, FactorSettings};
pub use model::{EnrolledFactor, FactorMethod, FactorRemoval, SecondFactors, TotpEnrolment};
pub use pending::{LoginOutcome, PENDING_LOGIN, PendingLogin, PendingLoginKey};
pub(crate) use pending::{MAX_ATTEMPTS, PendingDigest};
pub use recovery::RecoveryCode;
pub(crate) use recovery::RecoveryDigest;
pub use service::SecondFactorService;
pub(crate) use totp::Secret;
pub use totp::TotpCode;
