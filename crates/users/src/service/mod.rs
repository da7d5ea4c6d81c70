//! What this module does for others.

mod accounts;
mod credentials;
mod database;

use std::sync::Arc;

use async_trait::async_trait;
use tenantry_core::{
    access::{Actor, Caller, SessionCaller},
    db::Database,
    id::{OrganizationId, SessionId, UserId},
    page::{Page, PageRequest},
    value::Name,
};

pub use accounts::AccountsService;
pub use credentials::{CredentialRevocation, TokenRevoker};

use crate::{
    ClientInfo, Email, Login, NewAccount, NewSession, OperatorFlags, Password, PasswordChange,
    PasswordHasher, SecurityLog, Session, SessionLifetime, User, UserFilter, UsersError,
};

/// Accounts and sessions.
#[async_trait]
pub trait UsersService: AccountsService {
    /// Makes an account for a visitor, and a session for him.
    ///
    /// # Errors
    /// [`UsersError::EmailTaken`], [`UsersError::Busy`].
    async fn sign_up(
        &self,
        account: NewAccount,
        visitor: ClientInfo,
    ) -> Result<NewSession, UsersError>;

    /// Lets a visitor in and makes a session for him. Wrong passwords, unknown addresses and
    /// inactive accounts get the same answer, for the same work.
    ///
    /// # Errors
    /// [`UsersError::InvalidCredentials`], [`UsersError::Busy`].
    async fn sign_in(&self, login: Login, visitor: ClientInfo) -> Result<NewSession, UsersError>;

    /// Ends the caller's session. It is no error if it ended before.
    ///
    /// # Errors
    /// When the database refuses.
    async fn sign_out(&self, caller: &SessionCaller) -> Result<(), UsersError>;

    /// Makes an account on an operator's behalf.
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

    /// Several accounts, from one query, in no particular order. Unknown ids are left out.
    ///
    /// # Errors
    /// When the database refuses.
    async fn users(&self, ids: &[UserId]) -> Result<Vec<User>, UsersError>;

    /// The account with that address.
    ///
    /// # Errors
    /// When the database refuses.
    async fn find_by_email(&self, email: &Email) -> Result<Option<User>, UsersError>;

    /// The accounts that an operator looks for, oldest first.
    ///
    /// # Errors
    /// When the page can't be given.
    async fn list(
        &self,
        wanted: &UserFilter,
        request: &PageRequest,
    ) -> Result<Page<User>, UsersError>;

    /// Changes what somebody may do as an operator. For the command line alone.
    ///
    /// # Errors
    /// [`UsersError::UserNotFound`].
    async fn set_flags(
        &self,
        user: UserId,
        flags: OperatorFlags,
        actor: Actor,
    ) -> Result<User, UsersError>;

    /// Gives somebody another password; all his sessions and tokens end.
    ///
    /// # Errors
    /// [`UsersError::UserNotFound`], [`UsersError::Busy`].
    async fn reset_password(
        &self,
        user: UserId,
        password: Password,
        actor: Actor,
    ) -> Result<(), UsersError>;

    /// Gives the caller another name.
    ///
    /// # Errors
    /// [`UsersError::SessionExpired`].
    async fn rename(&self, caller: &Caller, name: Name) -> Result<User, UsersError>;

    /// Gives the caller another password. All his sessions but this one end, and all his tokens.
    ///
    /// # Errors
    /// [`UsersError::WrongPassword`], [`UsersError::Busy`], [`UsersError::SessionExpired`].
    async fn change_password(
        &self,
        caller: &SessionCaller,
        change: PasswordChange,
    ) -> Result<(), UsersError>;

    /// The caller's own sessions that are alive, newest first.
    ///
    /// # Errors
    /// When the page can't be given.
    async fn sessions(
        &self,
        caller: &Caller,
        request: &PageRequest,
    ) -> Result<Page<Session>, UsersError>;

    /// Ends one of the caller's own sessions.
    ///
    /// # Errors
    /// [`UsersError::UnknownSession`], also for those of others.
    async fn end_session(&self, caller: &Caller, id: SessionId) -> Result<(), UsersError>;

    /// Sets the organization of the caller's session. Whether he belongs to it is not asked
    /// here.
    ///
    /// # Errors
    /// [`UsersError::SessionExpired`].
    async fn select_organization(
        &self,
        caller: &SessionCaller,
        organization: OrganizationId,
    ) -> Result<(), UsersError>;

    /// Notes that a session is in use. One that is over stays over, and that is no error.
    ///
    /// Calling it for every request would make every read a write; now and then is enough.
    ///
    /// # Errors
    /// When the database refuses.
    async fn keep_alive(&self, session: SessionId) -> Result<(), UsersError>;
}

/// What the service needs.
#[derive(Clone)]
pub struct UsersDeps {
    /// The database.
    pub database: Database,
    /// Hashes passwords, for the whole process.
    pub hasher: PasswordHasher,
    /// How long sessions live.
    pub lifetime: SessionLifetime,
    /// Who keeps the tokens that end with passwords.
    pub tokens: Arc<dyn TokenRevoker>,
    /// Where failed sign-ins are noted, for the whole process.
    pub access: Arc<SecurityLog>,
}

/// The service.
pub fn service(deps: UsersDeps) -> impl UsersService + 'static {
    database::Users::new(deps)
}
