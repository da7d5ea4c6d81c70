//! The credentials of a person that other modules keep.

use async_trait::async_trait;
use tenantry_core::{
    db::{DbError, UnitOfWork},
    id::UserId,
};

/// Why all credentials of a person end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialRevocation {
    /// He changed his password.
    PasswordChanged,
    /// An operator gave him another password.
    PasswordReset,
    /// An operator locked him out.
    Disabled,
}

/// Who keeps tokens of people. They end with the passwords without being touched, so whoever keeps
/// them is told, to note it where it belongs. Implemented by the organizations module, handed to
/// this one by the composition root.
#[async_trait]
pub trait TokenRevoker: Send + Sync + 'static {
    /// Called in the unit of work in which they end, before they do. The account is locked.
    ///
    /// # Errors
    /// When the database refuses; then nothing ends.
    async fn ending(
        &self,
        work: &mut UnitOfWork,
        user: UserId,
        why: CredentialRevocation,
    ) -> Result<(), DbError>;
}
