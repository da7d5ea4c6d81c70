//! The operations that prove the ownership of an address.

use async_trait::async_trait;
use tenantry_core::{
    access::{Actor, SessionCaller},
    db::UnitOfWork,
    id::{LinkId, UserId},
};

use super::{EmailChange, LinkSecret, LinkToMail, VerificationPolicy};
use crate::{ClientInfo, Email, NewAccount, Password, User, UsersError};

/// The recovery of accounts, and the addresses of accounts.
///
/// What is asked for with an address does the same work and gives the same answer whether or not there
/// is an account with it.
#[async_trait]
pub trait RecoveryService: Send + Sync {
    /// Whether an account needs a confirmed address.
    fn verification(&self) -> VerificationPolicy;

    /// Creates an account whose owner confirms the address with a mailed link. The owner of an address
    /// that an account has is mailed that instead.
    ///
    /// # Errors
    /// [`UsersError::Busy`].
    async fn sign_up_by_mail(
        &self,
        account: NewAccount,
        client: &ClientInfo,
    ) -> Result<(), UsersError>;

    /// Has the link mailed that confirms the address of an account that was just registered.
    ///
    /// # Errors
    /// When the database fails.
    async fn send_verification(&self, work: &mut UnitOfWork, user: &User)
    -> Result<(), UsersError>;

    /// Has the owner of an address mailed that an account has it.
    ///
    /// # Errors
    /// When the database fails.
    async fn notify_known(&self, email: &Email, client: &ClientInfo) -> Result<(), UsersError>;

    /// Has a link mailed to an address, if there is an active account with it. Does nothing once the
    /// address got as many in an hour as it may.
    ///
    /// # Errors
    /// When the database fails.
    async fn forgot_password(&self, email: &Email, client: &ClientInfo) -> Result<(), UsersError>;

    /// Has a link mailed that resets the password of an active account, for an operator.
    ///
    /// # Errors
    /// [`UsersError::UserNotFound`], also for a disabled account; [`UsersError::TooManyMails`].
    async fn send_password_reset(&self, user: UserId, actor: Actor) -> Result<(), UsersError>;

    /// Sets another password with a link. All sessions and tokens of the account end.
    ///
    /// # Errors
    /// [`UsersError::DeadLink`], [`UsersError::Busy`].
    async fn recover_password(
        &self,
        secret: &LinkSecret,
        password: Password,
        client: &ClientInfo,
    ) -> Result<(), UsersError>;

    /// Has a link mailed that confirms the caller's address; an older one is of no use any more. Does
    /// nothing if the address is confirmed.
    ///
    /// # Errors
    /// [`UsersError::TooManyMails`], [`UsersError::SessionExpired`].
    async fn request_verification(&self, caller: &SessionCaller) -> Result<(), UsersError>;

    /// Has a link mailed to another address, which is the caller's once the link is followed.
    ///
    /// # Errors
    /// [`UsersError::WrongPassword`], [`UsersError::Busy`], [`UsersError::TooManyMails`],
    /// [`UsersError::SessionExpired`], [`UsersError::Access`] without a recent check of the second factor.
    async fn request_email_change(
        &self,
        caller: &SessionCaller,
        change: EmailChange,
    ) -> Result<(), UsersError>;

    /// Confirms an address with a link, be it the account's or its new one. With a new address all
    /// sessions end but the one that asked for it.
    ///
    /// # Errors
    /// [`UsersError::DeadLink`], and [`UsersError::EmailTaken`] if another account has the new address.
    async fn verify_email(
        &self,
        secret: &LinkSecret,
        client: &ClientInfo,
    ) -> Result<(), UsersError>;

    /// Notes that the account's owner followed something that was mailed to its address.
    ///
    /// # Errors
    /// [`UsersError::UserNotFound`].
    async fn confirm_email(&self, work: &mut UnitOfWork, user: UserId) -> Result<(), UsersError>;

    /// The link to mail; `None` if a newer one replaced it, it is dead, or no account has its address.
    ///
    /// # Errors
    /// When the database fails.
    async fn link_to_mail(
        &self,
        link: LinkId,
        generation: i64,
    ) -> Result<Option<LinkToMail>, UsersError>;
}
