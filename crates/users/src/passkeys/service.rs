//! The operations on passkeys.

use async_trait::async_trait;
use tenantry_core::{access::SessionCaller, id::PasskeyId, value::Name};

use super::{CreatedCredential, CreationOptions, Passkey, RequestOptions, SignedCredential};
use crate::{ClientInfo, NewSession, PasswordInput, PendingLoginKey, RecoveryCode, UsersError};

/// A passkey to add.
#[derive(Clone, Debug)]
pub struct NewPasskey {
    /// What its owner calls it.
    pub name: Name,
    /// What the browser answered.
    pub credential: CreatedCredential,
}

/// A passkey that was added.
#[derive(Clone, Debug)]
pub struct AddedPasskey {
    /// The passkey.
    pub passkey: Passkey,
    /// Recovery codes, if it is the account's first second factor.
    pub recovery_codes: Option<Vec<RecoveryCode>>,
}

/// Passkeys: adding and removing them, logging in with one, and checking the second factor with one.
///
/// Every operation has two steps, before and after the browser asks the authenticator. The challenge of
/// the first step is good for five minutes, for the same client, and for one success.
#[async_trait]
pub trait PasskeysService: Send + Sync {
    /// Begins to add a passkey.
    ///
    /// # Errors
    /// [`UsersError::PasskeysUnavailable`], [`UsersError::WrongPassword`], [`UsersError::Busy`],
    /// [`UsersError::TooManyPasskeys`], [`UsersError::Access`] without a recent check of the second factor,
    /// [`UsersError::SessionExpired`].
    async fn begin_passkey(
        &self,
        caller: &SessionCaller,
        current: PasswordInput,
    ) -> Result<CreationOptions, UsersError>;

    /// Adds a passkey, from when on logins with the password ask for a second factor.
    ///
    /// # Errors
    /// [`UsersError::PasskeyInvalid`], also for a credential that is known and a challenge that was used;
    /// [`UsersError::TooManyPasskeys`], [`UsersError::PasskeysUnavailable`], [`UsersError::Access`] without a
    /// recent check of the second factor, [`UsersError::SessionExpired`].
    async fn finish_passkey(
        &self,
        caller: &SessionCaller,
        new: NewPasskey,
    ) -> Result<AddedPasskey, UsersError>;

    /// Removes a passkey of the caller, and the recovery codes with the last factor.
    ///
    /// # Errors
    /// [`UsersError::PasskeyNotFound`], [`UsersError::Access`] without a recent check of the second factor,
    /// [`UsersError::SessionExpired`].
    async fn remove_passkey(&self, caller: &SessionCaller, id: PasskeyId)
    -> Result<(), UsersError>;

    /// Begins a login with a passkey, for the client that has this key. If the key is that of a login whose
    /// password was right, the passkey of that account is its second factor.
    ///
    /// # Errors
    /// [`UsersError::PasskeysUnavailable`].
    async fn begin_passkey_login(
        &self,
        key: &PendingLoginKey,
    ) -> Result<RequestOptions, UsersError>;

    /// Logs in with a passkey, which counts as the second factor too.
    ///
    /// # Errors
    /// [`UsersError::PasskeyRefused`], whatever is wrong; [`UsersError::PasskeysUnavailable`].
    async fn finish_passkey_login(
        &self,
        key: &PendingLoginKey,
        credential: SignedCredential,
        client: ClientInfo,
    ) -> Result<NewSession, UsersError>;

    /// Begins to check the second factor again with a passkey of the caller.
    ///
    /// # Errors
    /// [`UsersError::PasskeysUnavailable`], [`UsersError::NoSecondFactor`] without a passkey.
    async fn begin_passkey_check(
        &self,
        caller: &SessionCaller,
    ) -> Result<RequestOptions, UsersError>;

    /// Checks the second factor again, which the session then did recently.
    ///
    /// # Errors
    /// [`UsersError::PasskeyRefused`], [`UsersError::PasskeysUnavailable`], [`UsersError::SessionExpired`].
    async fn finish_passkey_check(
        &self,
        caller: &SessionCaller,
        credential: SignedCredential,
    ) -> Result<(), UsersError>;
}
