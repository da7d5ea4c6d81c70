//! The public types of mailed links.

use tenantry_core::{clock::Timestamp, value::Name};

use super::{LinkPurpose, LinkSecret};
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
