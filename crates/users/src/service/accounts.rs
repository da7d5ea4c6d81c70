//! What other modules do to accounts, within their own unit of work.

use async_trait::async_trait;
use tenantry_core::{db::UnitOfWork, id::UserId};
use tenantry_domain_events::events::users::{UserDisabled, UserEnabled, UserRegistered};

use super::database::Users;
use crate::{
    NewAccount, PreparedAccount, SessionKey, User, UserAgent, UsersError,
    service::CredentialRevocation,
    store::{sessions, users},
};

/// Accounts, changed in the unit of work of the caller: what happens to a person and what follows
/// from it in another module happen together or not at all.
///
/// Whoever locks an organization as well locks it first.
#[async_trait]
pub trait AccountsService: Send + Sync {
    /// Prepares an account: its password is hashed, which takes long. To be done before there is
    /// a transaction that others would have to wait for.
    ///
    /// # Errors
    /// [`UsersError::Busy`].
    async fn prepare(&self, account: NewAccount) -> Result<PreparedAccount, UsersError>;

    /// Makes a prepared account.
    ///
    /// # Errors
    /// [`UsersError::EmailTaken`].
    async fn register(
        &self,
        work: &mut UnitOfWork,
        draft: PreparedAccount,
    ) -> Result<User, UsersError>;

    /// Makes a session for somebody who was let in.
    ///
    /// # Errors
    /// When the database refuses.
    async fn open_session(
        &self,
        work: &mut UnitOfWork,
        user: UserId,
        user_agent: Option<UserAgent>,
    ) -> Result<SessionKey, UsersError>;

    /// The account, which nobody else can change until the unit of work ends.
    ///
    /// # Errors
    /// [`UsersError::UserNotFound`].
    async fn lock(&self, work: &mut UnitOfWork, user: UserId) -> Result<User, UsersError>;

    /// Locks somebody out, or lets him in again. Whoever is locked out has lost his sessions and
    /// tokens for good. Whether an organization loses its last owner is not asked here.
    ///
    /// # Errors
    /// [`UsersError::UserNotFound`].
    async fn set_active(
        &self,
        work: &mut UnitOfWork,
        user: UserId,
        is_active: bool,
    ) -> Result<User, UsersError>;
}

#[async_trait]
impl AccountsService for Users {
    async fn prepare(&self, account: NewAccount) -> Result<PreparedAccount, UsersError> {
        Ok(PreparedAccount(
            self.draft(account, crate::OperatorFlags::default()).await?,
        ))
    }

    async fn register(
        &self,
        work: &mut UnitOfWork,
        draft: PreparedAccount,
    ) -> Result<User, UsersError> {
        let user = users::insert(&work.global().await?, draft.0).await?;
        work.record(&UserRegistered { user_id: user.id });
        Ok(user)
    }

    async fn open_session(
        &self,
        work: &mut UnitOfWork,
        user: UserId,
        user_agent: Option<UserAgent>,
    ) -> Result<SessionKey, UsersError> {
        let rows = work.global().await?;
        self.new_session(&rows, user, user_agent).await
    }

    async fn lock(&self, work: &mut UnitOfWork, user: UserId) -> Result<User, UsersError> {
        let found = users::lock(&work.global().await?, user).await?;
        found.map(User::from).ok_or(UsersError::UserNotFound)
    }

    async fn set_active(
        &self,
        work: &mut UnitOfWork,
        user: UserId,
        is_active: bool,
    ) -> Result<User, UsersError> {
        let now = self.runtime().now();
        let rows = work.global().await?;
        let before = users::lock(&rows, user).await?;
        let before = before.ok_or(UsersError::UserNotFound)?;
        if before.is_active == is_active {
            return Ok(before.into());
        }
        if !is_active {
            let why = CredentialRevocation::Disabled;
            self.deps.tokens.ending(work, user, why).await?;
        }
        let rows = work.global().await?;
        let changed = users::set_active(&rows, user, is_active, now).await?;
        let changed = changed.ok_or(UsersError::UserNotFound)?;
        if is_active {
            work.record(&UserEnabled { user_id: user });
        } else {
            sessions::delete_all(&rows, user).await?;
            work.record(&UserDisabled { user_id: user });
        }
        Ok(changed.into())
    }
}
