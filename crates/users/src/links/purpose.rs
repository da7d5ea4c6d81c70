//! What mailed links are good for.

use std::str::FromStr;

use chrono::TimeDelta;
use tenantry_core::value::InvalidText;

/// What a link is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    /// A new password, without the old one.
    PasswordReset,
    /// The address of an account is confirmed.
    EmailVerification,
    /// An account gets another address.
    EmailChange,
    /// None: a signup named the address of an account, and its owner learns of it.
    KnownAddress,
}

impl LinkPurpose {
    const ALL: [Self; 4] = [
        Self::PasswordReset,
        Self::EmailVerification,
        Self::EmailChange,
        Self::KnownAddress,
    ];

    /// Its name in the database.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::PasswordReset => "password_reset",
            Self::EmailVerification => "email_verification",
            Self::EmailChange => "email_change",
            Self::KnownAddress => "known_address",
        }
    }

    /// How long a link is good.
    pub(crate) const fn lifetime(self) -> TimeDelta {
        match self {
            Self::PasswordReset => TimeDelta::hours(1),
            Self::EmailVerification | Self::EmailChange | Self::KnownAddress => {
                TimeDelta::hours(24)
            }
        }
    }
}

impl FromStr for LinkPurpose {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let mut all = Self::ALL.into_iter();
        all.find(|purpose| purpose.as_str() == text)
            .ok_or(InvalidText("must be a purpose of links"))
    }
}

tenantry_core::column_value!(
    LinkPurpose,
    String,
    |purpose| purpose.as_str().to_owned(),
    |text: String| text.parse::<LinkPurpose>()
);
