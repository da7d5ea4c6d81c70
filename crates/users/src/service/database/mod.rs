//! The services on the database.

mod accounts_service;
mod factor_proof;
mod factors_service;
mod login;
#[cfg(feature = "passkeys")]
mod passkeys_service;
mod recovery_service;
mod users_service;

use std::sync::Arc;

use tenantry_core::{
    access::{Actor, SessionCaller},
    clock::Timestamp,
    db::{Database, GlobalRows, UnitOfWork},
    id::UserId,
    link_key::LinkKey,
    runtime::Runtime,
};
use tenantry_domain_events::events::users::SignInFailure;

use crate::{
    ClientInfo, CredentialRevocation, FactorSettings, Login, NewAccount, OperatorFlags,
    PasswordHasher, PasswordInput, RelyingParty, SecurityLog, SessionKey, SessionLifetime,
    TokenRevoker, UserAgent, UsersError, UsersService, VerificationPolicy,
    links::kill,
    password::{StoredPassword, Verdict},
    store::{
        sessions::{self, SessionValidity},
        users,
    },
};

/// The dependencies of the service.
#[derive(Clone)]
pub struct UsersDeps {
    /// The database.
    pub database: Database,
    /// The password hasher, shared by the whole process.
    pub hasher: PasswordHasher,
    /// The lifetime of sessions.
    pub lifetime: SessionLifetime,
    /// Notified when credentials are revoked.
    pub tokens: Arc<dyn TokenRevoker>,
    /// The log of failed sign-ins, shared by the whole process.
    pub access: Arc<SecurityLog>,
    /// Makes the secrets of mailed links.
    pub link_key: LinkKey,
    /// How many mails of one kind an address gets in an hour; 0 is unlimited.
    pub mails_per_hour: u32,
    /// How second factors are set up.
    pub factors: FactorSettings,
    /// What passkeys belong to.
    pub relying_party: RelyingParty,
    /// Whether an account needs a confirmed address.
    pub verification: VerificationPolicy,
}

/// The service.
pub fn service(deps: UsersDeps) -> impl UsersService + 'static {
    Users { deps }
}

struct Users {
    deps: UsersDeps,
}

impl Users {
    fn begin(&self, actor: impl Into<Actor>) -> UnitOfWork {
        self.deps.database.begin(actor)
    }

    fn rows(&self) -> GlobalRows<'static> {
        self.deps.database.read_global()
    }

    fn runtime(&self) -> &Runtime {
        self.deps.database.runtime()
    }

    fn validity(&self) -> SessionValidity {
        let now = self.runtime().now();
        SessionValidity {
            now,
            idle_since: self.deps.lifetime.idle_since(now),
        }
    }

    /// The row of a new account. Hashes the password, so call it before a transaction is open.
    async fn new_row(
        &self,
        account: NewAccount,
        flags: OperatorFlags,
    ) -> Result<users::Model, UsersError> {
        let password_hash = self.deps.hasher.hash(account.password.into()).await?;
        let now = self.runtime().now();
        Ok(users::Model {
            id: self.runtime().new_id(),
            email: account.email,
            name_key: account.name.lower_case(),
            search_key: account.name.search_key(),
            name: account.name,
            password_hash,
            is_active: true,
            is_staff: flags.is_staff,
            is_superuser: flags.is_superuser,
            email_verified: false,
            has_second_factor: false,
            credential_epoch: 1,
            created_at: now,
            updated_at: now,
        })
    }

    /// Inserts a session, and deletes the user's expired ones.
    async fn new_session(
        &self,
        rows: &GlobalRows<'_>,
        user: UserId,
        user_agent: Option<UserAgent>,
        second_factor_at: Option<Timestamp>,
    ) -> Result<SessionKey, UsersError> {
        let key = SessionKey::generate(self.runtime());
        let validity = self.validity();
        let session = sessions::Model {
            id: self.runtime().new_id(),
            key_hash: key.digest(),
            user_id: user,
            selected_organization: None,
            user_agent,
            created_at: validity.now,
            last_seen_at: validity.now,
            expires_at: self.deps.lifetime.expiry(validity.now),
            second_factor_at,
        };
        sessions::delete_expired(rows, user, validity).await?;
        sessions::insert(rows, session).await?;
        Ok(key)
    }

    /// Locks the account, notifies the token revoker, and ends what was asked for by mail.
    async fn revoke_tokens(
        &self,
        work: &mut UnitOfWork,
        user: UserId,
        why: CredentialRevocation,
    ) -> Result<(), UsersError> {
        let locked = users::lock(&work.global().await?, user).await?;
        let locked = locked.ok_or(UsersError::UserNotFound)?;
        let tokens = &self.deps.tokens;
        tokens.on_credentials_revoked(work, user, why).await?;
        kill::on_credentials_revoked(&work.global().await?, user, &locked.email).await?;
        Ok(())
    }

    /// The account, if it may sign in with this password, and the hash to store from now on.
    async fn check(
        &self,
        login: Login,
        client: &ClientInfo,
    ) -> Result<(users::Model, StoredPassword), UsersError> {
        // Reserved before the query: a flood of logins must not queue up for database connections.
        let slot = self.deps.hasher.reserve()?;
        let found = users::find_by_email(&self.rows(), &login.email).await?;
        let disabled = found.as_ref().filter(|user| !user.is_active);
        let disabled = disabled.map(|user| user.id);
        let found = found.filter(|user| user.is_active);
        let stored = found.as_ref().map(|user| user.password_hash.clone());
        match (
            found,
            self.deps
                .hasher
                .verify(slot, login.password, stored)
                .await?,
        ) {
            (Some(user), Verdict::Match { rehashed }) => {
                let hash = rehashed.unwrap_or_else(|| user.password_hash.clone());
                Ok((user, hash))
            }
            (Some(user), Verdict::Mismatch) => {
                Err(self.login_failed(Some((user.id, SignInFailure::WrongPassword)), client))
            }
            (None, _) => {
                let known = disabled.map(|user| (user, SignInFailure::Disabled));
                Err(self.login_failed(known, client))
            }
        }
    }

    /// Notes the failure for a known account, at no cost that would disclose whether it exists.
    fn login_failed(
        &self,
        known: Option<(UserId, SignInFailure)>,
        client: &ClientInfo,
    ) -> UsersError {
        let request = client.request.map(tracing::field::display);
        // An unknown address may be a typo of a real one, so it is not logged.
        let user = known.map(|(user, _)| tracing::field::display(user));
        tracing::info!(request, user, "a sign-in failed");
        if let Some((user, reason)) = known {
            let actor = Actor {
                request: client.request,
                ..Actor::system()
            };
            let access = &self.deps.access;
            access.sign_in_failed(user, reason, actor, client.client());
        }
        UsersError::InvalidCredentials
    }

    /// The caller's account, if this is its password.
    async fn check_current_password(
        &self,
        caller: &SessionCaller,
        current: PasswordInput,
    ) -> Result<users::Model, UsersError> {
        let hasher = &self.deps.hasher;
        let slot = hasher.reserve()?;
        let user = users::find(&self.rows(), caller.user()).await?;
        let user = user.ok_or(UsersError::SessionExpired)?;
        let stored = Some(user.password_hash.clone());
        match hasher.verify(slot, current, stored).await? {
            Verdict::Match { .. } => Ok(user),
            Verdict::Mismatch => Err(self.wrong_current_password(caller)),
        }
    }

    /// The account, locked, if its password is still the one that was verified.
    async fn lock_unchanged(
        &self,
        work: &mut UnitOfWork,
        caller: &SessionCaller,
        verified: &users::Model,
    ) -> Result<users::Model, UsersError> {
        let locked = users::lock(&work.global().await?, verified.id).await?;
        let locked = locked.filter(|user| user.password_hash == verified.password_hash);
        locked.ok_or_else(|| self.wrong_current_password(caller))
    }

    /// Notes a wrong current password, as a failed sign-in of the session's user.
    fn wrong_current_password(&self, caller: &SessionCaller) -> UsersError {
        let reason = SignInFailure::WrongCurrentPassword;
        let access = &self.deps.access;
        access.sign_in_failed(caller.user(), reason, Actor::from(caller), None);
        UsersError::WrongPassword
    }
}
