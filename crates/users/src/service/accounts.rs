//! Changes to accounts in the unit of work of another module.

use async_trait::async_trait;
use tenantry_core::{db::UnitOfWork, id::UserId};

use crate::{ClientInfo, NewAccount, SessionKey, User, UserAgent, UsersError, store::users};

/// An account ready to insert: its password is hashed.
pub struct PreparedAccount(pub(crate) users::Model);

impl PreparedAccount {
    /// The id that the account will have.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.0.id
    }
}

/// Changes to accounts in the caller's unit of work, so that a change and its consequences in
/// another module commit together or not at all.
///
/// Lock order: a caller that also locks an organization locks it first.
#[async_trait]
pub trait AccountsService: Send + Sync {
    /// Prepares an account by hashing its password. Hashing is slow, so call it before a
    /// transaction is open.
    ///
    /// # Errors
    /// [`UsersError::Busy`].
    async fn prepare(&self, account: NewAccount) -> Result<PreparedAccount, UsersError>;

    /// Inserts a prepared account of a person who signs up with this client.
    ///
    /// # Errors
    /// [`UsersError::EmailTaken`].
    async fn register(
        &self,
        work: &mut UnitOfWork,
        account: PreparedAccount,
        client: &ClientInfo,
    ) -> Result<User, UsersError>;

    /// Creates a session for an authenticated user.
    ///
    /// # Errors
    /// When the database fails.
    async fn open_session(
        &self,
        work: &mut UnitOfWork,
        user: UserId,
        user_agent: Option<UserAgent>,
    ) -> Result<SessionKey, UsersError>;

    /// The account, locked until the unit of work ends.
    ///
    /// # Errors
    /// [`UsersError::UserNotFound`].
    async fn lock(&self, work: &mut UnitOfWork, user: UserId) -> Result<User, UsersError>;

    /// Disables or enables an account. Disabling ends its sessions and revokes its tokens for good.
    /// It does not check whether an organization loses its last owner.
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
