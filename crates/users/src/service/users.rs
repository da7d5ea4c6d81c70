//! Accounts and sessions.

use std::collections::HashMap;

use async_trait::async_trait;
use tenantry_core::{
    access::{Actor, Caller, SessionCaller},
    clock::Timestamp,
    id::{OrganizationId, SessionId, UserId},
    page::{Page, PageRequest},
    value::Name,
};

use crate::{
    AccountsService, ClientInfo, Email, Login, LoginOutcome, NewAccount, NewSession, OperatorFlags,
    Password, PasswordChange, RecoveryService, SecondFactorService, Session, User, UserFilter,
    UsersError,
};

#[cfg(feature = "passkeys")]
use crate::PasskeysService;

/// Accounts and sessions.
#[async_trait]
pub trait UsersService: AccountsService + RecoveryService + SecondFactorService {
    /// Passkeys.
    #[cfg(feature = "passkeys")]
    fn passkeys(&self) -> &dyn PasskeysService;

    /// Creates an account and its first session.
    ///
    /// # Errors
    /// [`UsersError::EmailTaken`], [`UsersError::Busy`].
    async fn sign_up(
        &self,
        account: NewAccount,
        client: ClientInfo,
    ) -> Result<NewSession, UsersError>;

    /// Checks the credentials and creates a session, or asks for the second factor where the account has
    /// one. Wrong passwords, unknown addresses and disabled accounts get the same response, for the same
    /// work.
    ///
    /// # Errors
    /// [`UsersError::InvalidCredentials`], [`UsersError::Busy`].
    async fn sign_in(&self, login: Login, client: ClientInfo) -> Result<LoginOutcome, UsersError>;

    /// Ends the caller's session. An already ended session is not an error.
    ///
    /// # Errors
    /// When the database fails.
    async fn sign_out(&self, caller: &SessionCaller) -> Result<(), UsersError>;

    /// Creates an account on behalf of an operator.
    ///
    /// # Errors
    /// [`UsersError::EmailTaken`], [`UsersError::Busy`].
    async fn create(
        &self,
        account: NewAccount,
        flags: OperatorFlags,
        actor: Actor,
    ) -> Result<User, UsersError>;

    /// One account.
    ///
    /// # Errors
    /// [`UsersError::UserNotFound`].
    async fn user(&self, id: UserId) -> Result<User, UsersError>;

    /// Several accounts, in one query and no particular order. Unknown ids are left out.
    ///
    /// # Errors
    /// When the database fails.
    async fn users(&self, ids: &[UserId]) -> Result<Vec<User>, UsersError>;

    /// The account with that address.
    ///
    /// # Errors
    /// When the database fails.
    async fn find_by_email(&self, email: &Email) -> Result<Option<User>, UsersError>;

    /// The accounts that match an operator's search, oldest first.
    ///
    /// # Errors
    /// When the page request is invalid or the database fails.
    async fn list(
        &self,
        wanted: &UserFilter,
        request: &PageRequest,
    ) -> Result<Page<User>, UsersError>;

    /// Sets the operator flags of an account. Only for the command line.
    ///
    /// # Errors
    /// [`UsersError::UserNotFound`].
    async fn set_flags(
        &self,
        user: UserId,
        flags: OperatorFlags,
        actor: Actor,
    ) -> Result<User, UsersError>;

    /// Sets another password; all sessions and tokens of the account end.
    ///
    /// # Errors
    /// [`UsersError::UserNotFound`], [`UsersError::Busy`].
    async fn reset_password(
        &self,
        user: UserId,
        password: Password,
        actor: Actor,
    ) -> Result<(), UsersError>;

    /// Ends all sessions of an account; its tokens stay.
    ///
    /// # Errors
    /// [`UsersError::UserNotFound`].
    async fn end_all_sessions(&self, user: UserId, actor: Actor) -> Result<(), UsersError>;

    /// When each of these accounts used one of its sessions last. An account without a session is
    /// left out.
    ///
    /// # Errors
    /// When the database fails.
    async fn last_seen(&self, users: &[UserId]) -> Result<HashMap<UserId, Timestamp>, UsersError>;

    /// Renames the caller.
    ///
    /// # Errors
    /// [`UsersError::SessionExpired`].
    async fn rename(&self, caller: &Caller, name: Name) -> Result<User, UsersError>;

    /// Changes the caller's password. All other sessions and all tokens end.
    ///
    /// # Errors
    /// [`UsersError::WrongPassword`], [`UsersError::Busy`], [`UsersError::SessionExpired`],
    /// [`UsersError::Access`] without a recent check of the second factor.
    async fn change_password(
        &self,
        caller: &SessionCaller,
        change: PasswordChange,
    ) -> Result<(), UsersError>;

    /// The caller's valid sessions, newest first.
    ///
    /// # Errors
    /// When the page request is invalid or the database fails.
    async fn sessions(
        &self,
        caller: &Caller,
        request: &PageRequest,
    ) -> Result<Page<Session>, UsersError>;

    /// One of the caller's valid sessions.
    ///
    /// # Errors
    /// [`UsersError::UnknownSession`], also for another user's session.
    async fn session(&self, caller: &Caller, id: SessionId) -> Result<Session, UsersError>;

    /// Ends one of the caller's sessions.
    ///
    /// # Errors
    /// [`UsersError::UnknownSession`], also for another user's session.
    async fn end_session(&self, caller: &Caller, id: SessionId) -> Result<(), UsersError>;

    /// Sets the organization of the caller's session. It does not check the membership.
    ///
    /// # Errors
    /// [`UsersError::SessionExpired`].
    async fn select_organization(
        &self,
        caller: &SessionCaller,
        organization: OrganizationId,
    ) -> Result<(), UsersError>;

    /// Extends a session that is in use. An expired session stays expired; that is not an error.
    ///
    /// Calling it for every request would turn every read into a write; once in a while is enough.
    ///
    /// # Errors
    /// When the database fails.
    async fn keep_alive(&self, session: SessionId) -> Result<(), UsersError>;
}
