//! Revoking the credentials that other modules keep.

use async_trait::async_trait;
use tenantry_core::{
    db::{DbError, UnitOfWork},
    id::UserId,
};

/// Why all credentials of a user are revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialRevocation {
    /// The user changed the password.
    PasswordChanged,
    /// An operator reset the password.
    PasswordReset,
    /// An operator disabled the account.
    Disabled,
}

/// Notified when a user's credentials are revoked. Tokens become invalid by the account's
/// credential epoch, without being touched; this hook lets their module record the revocation.
/// Implemented by the organizations module and injected by the composition root.
#[async_trait]
pub trait TokenRevoker: Send + Sync + 'static {
    /// Called in the unit of work of the revocation, before it. The account is locked.
    ///
    /// # Errors
    /// When the database fails; then nothing is revoked.
    async fn on_credentials_revoked(
        &self,
        work: &mut UnitOfWork,
        user: UserId,
        why: CredentialRevocation,
    ) -> Result<(), DbError>;
}
