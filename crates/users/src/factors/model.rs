//! The public types of second factors.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use schemars::JsonSchema;
use serde::Serialize;
use tenantry_core::clock::Timestamp;
use tenantry_domain_events::events::users::FactorKind;

use super::{SecondFactorCode, Secret, qr_code};
use crate::{Email, PasswordInput, passkeys::Passkey};

/// A way to prove the second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FactorMethod {
    /// A code of an authenticator app.
    Totp,
    /// A passkey.
    Passkey,
    /// A recovery code.
    RecoveryCode,
}

impl From<FactorKind> for FactorMethod {
    fn from(kind: FactorKind) -> Self {
        match kind {
            FactorKind::Totp => Self::Totp,
            FactorKind::Passkey => Self::Passkey,
        }
    }
}

/// A second factor that is set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EnrolledFactor {
    /// Its kind.
    pub method: FactorKind,
    /// When it was set up.
    pub added_at: Timestamp,
}

/// The second factors of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SecondFactors {
    /// What is set up, the oldest first. With none, a login needs the password alone.
    pub factors: Vec<EnrolledFactor>,
    /// The passkeys among them.
    pub passkeys: Vec<Passkey>,
    /// How many recovery codes are left.
    pub recovery_codes_left: u64,
    /// Until when the session may do what asks for a recent check; `None` if it must check first, or if
    /// there is no second factor.
    pub verified_until: Option<Timestamp>,
}

/// What an authenticator app is set up with. It is shown once; the factor counts once a code of it
/// confirmed it.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpEnrolment {
    /// The secret in Base32, to type.
    pub secret: String,
    /// The same as a URL of the scheme `otpauth`, for QR codes.
    pub otpauth_url: String,
}

impl TotpEnrolment {
    /// For the app of an account's owner, which shows the product and the address.
    pub(crate) fn new(secret: &Secret, issuer: &str, email: &Email) -> Self {
        let secret = secret.base32();
        let issuer = utf8_percent_encode(issuer, NON_ALPHANUMERIC);
        let account = utf8_percent_encode(email.as_str(), NON_ALPHANUMERIC);
        let otpauth_url = format!(
            "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30"
        );
        Self {
            secret,
            otpauth_url,
        }
    }

    /// The URL as a QR code, drawn as SVG.
    ///
    /// # Panics
    /// Never: the URL is shorter than the largest QR code holds.
    #[must_use]
    pub fn qr_code(&self) -> String {
        qr_code::svg(&self.otpauth_url)
    }
}

impl std::fmt::Debug for TotpEnrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpEnrolment")
    }
}

/// The proofs for removing a second factor. The session alone could be stolen.
#[derive(Clone, Debug)]
pub struct FactorRemoval {
    /// The current password, to check.
    pub current: PasswordInput,
    /// A code of the app, or a recovery code.
    pub code: SecondFactorCode,
}
