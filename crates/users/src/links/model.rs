//! The public types of mailed links.

use std::str::FromStr;

use chrono::TimeDelta;
use tenantry_core::{
    clock::Timestamp,
    value::{InvalidText, Name},
};

use super::LinkSecret;
use crate::{Email, PasswordInput};

/// Whether an account needs a confirmed address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VerificationPolicy {
    /// It needs none.
    #[default]
    Off,
    /// Without one, the account reaches itself only.
    Required,
}

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

/// Another address for the caller's account.
#[derive(Clone, Debug)]
pub struct EmailChange {
    /// The new address.
    pub email: Email,
    /// The current password, to check.
    pub current: PasswordInput,
}

/// A link to mail, with the account that it is for.
#[derive(Clone, Debug)]
pub struct LinkToMail {
    /// What it is good for.
    pub purpose: LinkPurpose,
    /// The name of the account's owner.
    pub name: Name,
    /// Where it is mailed to.
    pub email: Email,
    /// The secret.
    pub secret: LinkSecret,
    /// Until when it is good.
    pub expires_at: Timestamp,
}
