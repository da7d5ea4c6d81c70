//! The operations on second factors.

use async_trait::async_trait;
use tenantry_core::{
    access::{Actor, SessionCaller},
    id::UserId,
};

use super::{
    FactorRemoval, PendingLogin, PendingLoginKey, RecoveryCode, SecondFactorCode, SecondFactors,
    TotpEnrolment,
};
use crate::{ClientInfo, NewSession, PasswordInput, UsersError};

/// Second factors: setting them up, proving them at a login and later, and removing them.
#[async_trait]
pub trait SecondFactorService: Send + Sync {
    /// A login that can still be completed.
    ///
    /// # Errors
    /// [`UsersError::LoginExpired`].
    async fn pending_login(&self, key: &PendingLoginKey) -> Result<PendingLogin, UsersError>;

    /// Completes a login with a code, and creates a session. The fifth wrong code ends the login.
    ///
    /// # Errors
    /// [`UsersError::WrongCode`], also for a code that was used before; [`UsersError::LoginExpired`].
    async fn complete_login(
        &self,
        key: &PendingLoginKey,
        code: SecondFactorCode,
        client: ClientInfo,
    ) -> Result<NewSession, UsersError>;

    /// What the caller has set up.
    ///
    /// # Errors
    /// [`UsersError::SessionExpired`].
    async fn second_factors(&self, caller: &SessionCaller) -> Result<SecondFactors, UsersError>;

    /// Begins to set up an authenticator app. An enrolment that was not confirmed is replaced.
    ///
    /// # Errors
    /// [`UsersError::WrongPassword`], [`UsersError::Busy`], [`UsersError::SecondFactorExists`] if there is
    /// a confirmed one, [`UsersError::Access`], [`UsersError::SessionExpired`].
    async fn begin_totp(
        &self,
        caller: &SessionCaller,
        current: PasswordInput,
    ) -> Result<TotpEnrolment, UsersError>;

    /// Confirms the enrolment with a code of the app, from when on logins ask for one. The recovery
    /// codes replace earlier ones.
    ///
    /// # Errors
    /// [`UsersError::WrongCode`], [`UsersError::NoEnrolment`], [`UsersError::Access`],
    /// [`UsersError::SessionExpired`].
    async fn confirm_totp(
        &self,
        caller: &SessionCaller,
        code: SecondFactorCode,
    ) -> Result<Vec<RecoveryCode>, UsersError>;

    /// Removes the authenticator app, and the recovery codes with the last factor.
    ///
    /// # Errors
    /// [`UsersError::WrongPassword`], [`UsersError::Busy`], [`UsersError::WrongCode`],
    /// [`UsersError::NoSecondFactor`], [`UsersError::SessionExpired`].
    async fn remove_totp(
        &self,
        caller: &SessionCaller,
        removal: FactorRemoval,
    ) -> Result<(), UsersError>;

    /// Replaces the recovery codes.
    ///
    /// # Errors
    /// [`UsersError::WrongPassword`], [`UsersError::Busy`], [`UsersError::NoSecondFactor`],
    /// [`UsersError::Access`], [`UsersError::SessionExpired`].
    async fn renew_recovery_codes(
        &self,
        caller: &SessionCaller,
        current: PasswordInput,
    ) -> Result<Vec<RecoveryCode>, UsersError>;

    /// Checks the second factor again, which the session then did recently.
    ///
    /// # Errors
    /// [`UsersError::WrongCode`], [`UsersError::NoSecondFactor`], [`UsersError::SessionExpired`].
    async fn verify_second_factor(
        &self,
        caller: &SessionCaller,
        code: SecondFactorCode,
    ) -> Result<(), UsersError>;

    /// Takes every second factor away from a person who lost them, for an operator. All sessions end.
    ///
    /// # Errors
    /// [`UsersError::UserNotFound`].
    async fn reset_second_factors(&self, user: UserId, actor: Actor) -> Result<(), UsersError>;
}
