//! The end of links whose reason is gone.

use tenantry_core::{
    db::{DbError, GlobalRows},
    id::UserId,
};

use super::{LinkPurpose, store};
use crate::Email;

/// A login proves that the password is known: a link to reset it is of no use any more.
pub(crate) async fn on_login(rows: &GlobalRows<'_>, email: &Email) -> Result<(), DbError> {
    store::kill(rows, LinkPurpose::PasswordReset, email.as_str()).await
}

/// With the credentials of an account, everything ends that was asked for with them.
pub(crate) async fn on_credentials_revoked(
    rows: &GlobalRows<'_>,
    user: UserId,
    email: &Email,
) -> Result<(), DbError> {
    store::kill(rows, LinkPurpose::PasswordReset, email.as_str()).await?;
    store::kill(rows, LinkPurpose::EmailChange, &user.to_string()).await
}

/// Links that were made for an address do not outlive that it is the account's.
pub(crate) async fn on_email_changed(
    rows: &GlobalRows<'_>,
    user: UserId,
    old: &Email,
    new: &Email,
) -> Result<(), DbError> {
    for email in [old, new] {
        store::kill(rows, LinkPurpose::PasswordReset, email.as_str()).await?;
    }
    store::kill(rows, LinkPurpose::EmailVerification, &user.to_string()).await
}
