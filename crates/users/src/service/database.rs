//! The service over the database.

use async_trait::async_trait;
use tenantry_core::{
    access::{Actor, Caller, SessionCaller},
    db::{GlobalRows, UnitOfWork},
    id::{OrganizationId, SessionId, UserId},
    page::{Page, PageRequest},
    runtime::Runtime,
    value::Name,
};
use tenantry_domain_events::events::users::{
    PasswordChanged, PasswordReset, SessionEnded, SignInFailure, UserFlagsChanged, UserRegistered,
    UserRenamed, UserSignedIn,
};

use super::{CredentialRevocation, UsersDeps, UsersService};
use crate::{
    ClientInfo, Email, Login, NewAccount, NewSession, OperatorFlags, Password, PasswordChange,
    Session, SessionKey, User, UserAgent, UserFilter, UsersError,
    password::{StoredPassword, Verdict},
    store::{
        sessions::{self, Alive},
        users,
    },
};

pub(super) struct Users {
    pub(super) deps: UsersDeps,
}

impl Users {
    pub(super) const fn new(deps: UsersDeps) -> Self {
        Self { deps }
    }

    fn begin(&self, actor: impl Into<Actor>) -> UnitOfWork {
        self.deps.database.begin(actor)
    }

    fn rows(&self) -> GlobalRows<'static> {
        self.deps.database.read_global()
    }

    pub(super) fn runtime(&self) -> &Runtime {
        self.deps.database.runtime()
    }

    fn alive(&self) -> Alive {
        let now = self.runtime().now();
        Alive {
            now,
            idle_since: self.deps.lifetime.idle_since(now),
        }
    }

    /// The row of a new account. Its password is hashed here, before there is a transaction
    /// that others would have to wait for.
    pub(super) async fn draft(
        &self,
        account: NewAccount,
        flags: OperatorFlags,
    ) -> Result<users::Model, UsersError> {
        let password_hash = self.deps.hasher.hash(account.password.into()).await?;
        let now = self.runtime().now();
        Ok(users::Model {
            id: self.runtime().new_id(),
            email: account.email,
            name: account.name,
            password_hash,
            is_active: true,
            is_staff: flags.is_staff,
            is_superuser: flags.is_superuser,
            credential_epoch: 1,
            created_at: now,
            updated_at: now,
        })
    }

    /// Makes a session, and clears away the user's dead ones.
    pub(super) async fn new_session(
        &self,
        rows: &GlobalRows<'_>,
        user: UserId,
        user_agent: Option<UserAgent>,
    ) -> Result<SessionKey, UsersError> {
        let key = SessionKey::generate(self.runtime());
        let alive = self.alive();
        let session = sessions::Model {
            id: self.runtime().new_id(),
            key_hash: key.digest(),
            user_id: user,
            selected_organization: None,
            user_agent,
            created_at: alive.now,
            last_seen_at: alive.now,
            expires_at: self.deps.lifetime.expiry(alive.now),
        };
        sessions::delete_dead(rows, user, alive).await?;
        sessions::insert(rows, session).await?;
        Ok(key)
    }

    /// Locks the account and tells whoever keeps its tokens that they end.
    async fn end_tokens(
        &self,
        work: &mut UnitOfWork,
        user: UserId,
        why: CredentialRevocation,
    ) -> Result<(), UsersError> {
        if users::lock(&work.global().await?, user).await?.is_none() {
            return Err(UsersError::UserNotFound);
        }
        Ok(self.deps.tokens.ending(work, user, why).await?)
    }

    /// Whose password it is, if he may sign in with it; and the hash to keep from now on.
    async fn check(
        &self,
        login: Login,
        visitor: &ClientInfo,
    ) -> Result<(users::Model, StoredPassword), UsersError> {
        // Before the database is asked: a flood of logins would be in everybody's line there.
        let place = self.deps.hasher.place()?;
        let found = users::find_by_email(&self.rows(), &login.email).await?;
        let locked_out = found.as_ref().filter(|user| !user.is_active);
        let locked_out = locked_out.map(|user| user.id);
        let found = found.filter(|user| user.is_active);
        let stored = found.as_ref().map(|user| user.password_hash.clone());
        match (
            found,
            self.deps
                .hasher
                .verify(place, login.password, stored)
                .await?,
        ) {
            (Some(user), Verdict::Right { renewed }) => {
                let kept = renewed.unwrap_or_else(|| user.password_hash.clone());
                Ok((user, kept))
            }
            (Some(user), Verdict::Wrong) => {
                Err(self.not_let_in(Some((user.id, SignInFailure::WrongPassword)), visitor))
            }
            (None, _) => {
                let known = locked_out.map(|user| (user, SignInFailure::Disabled));
                Err(self.not_let_in(known, visitor))
            }
        }
    }

    /// Notes it where somebody is known, at no cost that would tell whether he is.
    fn not_let_in(
        &self,
        known: Option<(UserId, SignInFailure)>,
        visitor: &ClientInfo,
    ) -> UsersError {
        let request = visitor.request.map(tracing::field::display);
        // An unknown address may be a slip of the pen in a known one: it is not for the log.
        let user = known.map(|(user, _)| tracing::field::display(user));
        tracing::info!(request, user, "a sign-in failed");
        if let Some((user, reason)) = known {
            self.deps
                .access
                .sign_in_failed(user, reason, visitor.request);
        }
        UsersError::InvalidCredentials
    }

    /// Notes a guess at the password of somebody in whose session it was made.
    fn not_his_password(&self, caller: &SessionCaller) -> UsersError {
        let Actor { request, .. } = caller.into();
        let reason = SignInFailure::WrongCurrentPassword;
        let access = &self.deps.access;
        access.sign_in_failed(caller.user(), reason, request);
        UsersError::WrongPassword
    }
}

#[async_trait]
impl UsersService for Users {
    async fn sign_up(
        &self,
        account: NewAccount,
        visitor: ClientInfo,
    ) -> Result<NewSession, UsersError> {
        let draft = self.draft(account, OperatorFlags::default()).await?;
        let mut work = self.begin(visitor.as_user(draft.id));
        let rows = work.global().await?;
        let user = users::insert(&rows, draft).await?;
        let key = self.new_session(&rows, user.id, visitor.user_agent).await?;
        work.record(&UserRegistered { user_id: user.id });
        work.commit().await?;
        Ok(NewSession { user, key })
    }

    async fn sign_in(&self, login: Login, visitor: ClientInfo) -> Result<NewSession, UsersError> {
        let (user, kept) = self.check(login, &visitor).await?;
        let mut work = self.begin(visitor.as_user(user.id));
        let rows = work.global().await?;
        if !users::confirm_password(&rows, &user, kept).await? {
            let known = (user.id, SignInFailure::WrongPassword);
            return Err(self.not_let_in(Some(known), &visitor));
        }
        let key = self.new_session(&rows, user.id, visitor.user_agent).await?;
        work.record(&UserSignedIn { user_id: user.id });
        work.commit().await?;
        let user = user.into();
        Ok(NewSession { user, key })
    }

    async fn sign_out(&self, caller: &SessionCaller) -> Result<(), UsersError> {
        match self.end_session(caller, caller.session()).await {
            Err(UsersError::UnknownSession) => Ok(()),
            other => other,
        }
    }

    async fn create(
        &self,
        account: NewAccount,
        flags: OperatorFlags,
        actor: Actor,
    ) -> Result<User, UsersError> {
        let draft = self.draft(account, flags).await?;
        let mut work = self.begin(actor);
        let user = users::insert(&work.global().await?, draft).await?;
        work.record(&UserRegistered { user_id: user.id });
        work.commit().await?;
        Ok(user)
    }

    async fn user(&self, id: UserId) -> Result<User, UsersError> {
        let found = users::find(&self.rows(), id).await?;
        found.map(User::from).ok_or(UsersError::UserNotFound)
    }

    async fn users(&self, ids: &[UserId]) -> Result<Vec<User>, UsersError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let found = users::find_all(&self.rows(), ids).await?;
        Ok(found.into_iter().map(User::from).collect())
    }

    async fn find_by_email(&self, email: &Email) -> Result<Option<User>, UsersError> {
        let found = users::find_by_email(&self.rows(), email).await?;
        Ok(found.map(User::from))
    }

    async fn list(
        &self,
        wanted: &UserFilter,
        request: &PageRequest,
    ) -> Result<Page<User>, UsersError> {
        let page = users::list(&self.rows(), wanted, request).await?;
        Ok(page.map(User::from))
    }

    async fn set_flags(
        &self,
        user: UserId,
        flags: OperatorFlags,
        actor: Actor,
    ) -> Result<User, UsersError> {
        let now = self.runtime().now();
        let mut work = self.begin(actor);
        let changed = users::set_flags(&work.global().await?, user, flags, now).await?;
        let changed = User::from(changed.ok_or(UsersError::UserNotFound)?);
        work.record(&UserFlagsChanged {
            user_id: user,
            is_staff: changed.is_staff,
            is_superuser: changed.is_superuser,
        });
        work.commit().await?;
        Ok(changed)
    }

    async fn reset_password(
        &self,
        user: UserId,
        password: Password,
        actor: Actor,
    ) -> Result<(), UsersError> {
        let hash = self.deps.hasher.hash(password.into()).await?;
        let now = self.runtime().now();
        let mut work = self.begin(actor);
        let why = CredentialRevocation::PasswordReset;
        self.end_tokens(&mut work, user, why).await?;
        let rows = work.global().await?;
        if !users::reset_password(&rows, user, hash, now).await? {
            return Err(UsersError::UserNotFound);
        }
        sessions::delete_all(&rows, user).await?;
        work.record(&PasswordReset { user_id: user });
        work.commit().await?;
        Ok(())
    }

    async fn rename(&self, caller: &Caller, name: Name) -> Result<User, UsersError> {
        let now = self.runtime().now();
        let mut work = self.begin(caller);
        let renamed = users::rename(&work.global().await?, caller.user(), name, now).await?;
        let user = User::from(renamed.ok_or(UsersError::SessionExpired)?);
        work.record(&UserRenamed { user_id: user.id });
        work.commit().await?;
        Ok(user)
    }

    async fn change_password(
        &self,
        caller: &SessionCaller,
        change: PasswordChange,
    ) -> Result<(), UsersError> {
        let hasher = &self.deps.hasher;
        let place = hasher.place()?;
        let user = users::find(&self.rows(), caller.user()).await?;
        let user = user.ok_or(UsersError::SessionExpired)?;
        let stored = Some(user.password_hash.clone());
        if hasher.verify(place, change.current, stored).await? == Verdict::Wrong {
            return Err(self.not_his_password(caller));
        }
        let new = hasher.hash(change.new.into()).await?;

        let now = self.runtime().now();
        let mut work = self.begin(caller);
        let why = CredentialRevocation::PasswordChanged;
        self.end_tokens(&mut work, user.id, why).await?;
        let rows = work.global().await?;
        if !users::replace_password(&rows, &user, new, now).await? {
            // Somebody else changed it in the meantime.
            return Err(self.not_his_password(caller));
        }
        sessions::delete_others(&rows, user.id, caller.session()).await?;
        work.record(&PasswordChanged { user_id: user.id });
        work.commit().await?;
        Ok(())
    }

    async fn sessions(
        &self,
        caller: &Caller,
        request: &PageRequest,
    ) -> Result<Page<Session>, UsersError> {
        let page = sessions::list_of(&self.rows(), caller.user(), self.alive(), request).await?;
        Ok(page.map(|row| Session {
            id: row.id,
            user_agent: row.user_agent,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            expires_at: row.expires_at,
            current: Some(row.id) == caller.session(),
        }))
    }

    async fn end_session(&self, caller: &Caller, id: SessionId) -> Result<(), UsersError> {
        let user_id = caller.user();
        let mut work = self.begin(caller);
        if !sessions::delete(&work.global().await?, user_id, id).await? {
            // Same answer for unknown and foreign ids: another would tell that it exists.
            return Err(UsersError::UnknownSession);
        }
        work.record(&SessionEnded {
            user_id,
            session_id: id,
        });
        work.commit().await?;
        Ok(())
    }

    async fn select_organization(
        &self,
        caller: &SessionCaller,
        organization: OrganizationId,
    ) -> Result<(), UsersError> {
        let mut work = self.begin(caller);
        let rows = work.global().await?;
        if !sessions::select_organization(&rows, caller.session(), organization).await? {
            return Err(UsersError::SessionExpired);
        }
        work.commit().await?;
        Ok(())
    }

    async fn keep_alive(&self, session: SessionId) -> Result<(), UsersError> {
        let mut work = self.begin(Actor::system());
        sessions::touch(&work.global().await?, session, self.alive()).await?;
        work.commit().await?;
        Ok(())
    }
}
