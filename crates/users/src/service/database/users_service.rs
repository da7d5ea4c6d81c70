//! Accounts and sessions, on the database.

use std::collections::HashMap;

use async_trait::async_trait;
use tenantry_core::{
    access::{Actor, Caller, SessionCaller},
    clock::Timestamp,
    event::Changes,
    id::{OrganizationId, SessionId, UserId},
    page::{Page, PageRequest},
    value::Name,
};
use tenantry_domain_events::events::users::{
    AllSessionsEnded, PasswordChanged, PasswordReset, SessionEnded, SignInFailure,
    UserFlagsChanged, UserRegistered, UserRenamed,
};

use super::Users;
use crate::{
    ClientInfo, CredentialRevocation, Email, Login, LoginOutcome, NewAccount, NewSession,
    OperatorFlags, Password, PasswordChange, Session, User, UserFilter, UsersError, UsersService,
    factors::store::pending,
    store::{last_use, sessions, users},
};

#[async_trait]
impl UsersService for Users {
    #[cfg(feature = "passkeys")]
    fn passkeys(&self) -> &dyn crate::PasskeysService {
        self
    }

    async fn sign_up(
        &self,
        account: NewAccount,
        client: ClientInfo,
    ) -> Result<NewSession, UsersError> {
        let row = self.new_row(account, OperatorFlags::default()).await?;
        let mut work = self.begin(client.as_user(row.id));
        let rows = work.global().await?;
        let user = users::insert(&rows, row).await?;
        let from = client.client();
        let key = self
            .new_session(&rows, user.id, client.user_agent, None)
            .await?;
        work.record_sign_in(&UserRegistered { user_id: user.id }, from);
        work.commit().await?;
        Ok(NewSession { user, key })
    }

    async fn sign_in(&self, login: Login, client: ClientInfo) -> Result<LoginOutcome, UsersError> {
        let (user, hash) = self.check(login, &client).await?;
        let mut work = self.begin(client.as_user(user.id));
        let rows = work.global().await?;
        let Some(user) = users::confirm_password(&rows, &user, hash).await? else {
            let known = (user.id, SignInFailure::WrongPassword);
            return Err(self.login_failed(Some(known), &client));
        };
        if user.has_second_factor {
            let pending = self.suspend_login(&rows, user).await?;
            work.commit().await?;
            return Ok(LoginOutcome::SecondFactorRequired(pending));
        }
        let session = self.finish_login(work, user, client, None).await?;
        Ok(LoginOutcome::SignedIn(session))
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
        let mut row = self.new_row(account, flags).await?;
        // The operator answers for the address.
        row.email_verified = true;
        let mut work = self.begin(actor);
        let user = users::insert(&work.global().await?, row).await?;
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
        let rows = work.global().await?;
        let before = users::lock(&rows, user).await?;
        let before = before.ok_or(UsersError::UserNotFound)?;
        let changed = users::set_flags(&rows, user, flags, now).await?;
        let changed = User::from(changed.ok_or(UsersError::UserNotFound)?);
        let event = UserFlagsChanged {
            user_id: user,
            is_staff: changed.is_staff,
            is_superuser: changed.is_superuser,
        };
        let changes = Changes::default()
            .field("is_staff", before.is_staff, changed.is_staff)
            .field("is_superuser", before.is_superuser, changed.is_superuser);
        work.record_change(&event, changes);
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
        self.revoke_tokens(&mut work, user, why).await?;
        let rows = work.global().await?;
        if !users::reset_password(&rows, user, hash, now).await? {
            return Err(UsersError::UserNotFound);
        }
        sessions::delete_all(&rows, user).await?;
        work.record(&PasswordReset { user_id: user });
        work.commit().await?;
        Ok(())
    }

    async fn end_all_sessions(&self, user: UserId, actor: Actor) -> Result<(), UsersError> {
        let mut work = self.begin(actor);
        let rows = work.global().await?;
        // A sign-in that runs meanwhile ends before or starts after.
        let found = users::lock(&rows, user).await?;
        found.ok_or(UsersError::UserNotFound)?;
        sessions::delete_all(&rows, user).await?;
        pending::delete_all(&rows, user).await?;
        work.record(&AllSessionsEnded { user_id: user });
        work.commit().await?;
        Ok(())
    }

    async fn last_seen(&self, users: &[UserId]) -> Result<HashMap<UserId, Timestamp>, UsersError> {
        Ok(last_use::of(&self.rows(), users).await?)
    }

    async fn rename(&self, caller: &Caller, name: Name) -> Result<User, UsersError> {
        let now = self.runtime().now();
        let mut work = self.begin(caller);
        let rows = work.global().await?;
        let before = users::lock(&rows, caller.user()).await?;
        let before = before.ok_or(UsersError::SessionExpired)?;
        if before.name == name {
            return Ok(before.into());
        }
        let renamed = users::rename(&rows, caller.user(), name, now).await?;
        let user = User::from(renamed.ok_or(UsersError::SessionExpired)?);
        let changes = Changes::default().field("name", before.name, &user.name);
        work.record_change(&UserRenamed { user_id: user.id }, changes);
        work.commit().await?;
        Ok(user)
    }

    async fn change_password(
        &self,
        caller: &SessionCaller,
        change: PasswordChange,
    ) -> Result<(), UsersError> {
        caller.second_factor().require_recent()?;
        let user = self.check_current_password(caller, change.current).await?;
        let new = self.deps.hasher.hash(change.new.into()).await?;

        let now = self.runtime().now();
        let mut work = self.begin(caller);
        let why = CredentialRevocation::PasswordChanged;
        self.revoke_tokens(&mut work, user.id, why).await?;
        let rows = work.global().await?;
        if !users::replace_password(&rows, &user, new, now).await? {
            // Another request changed it since it was verified.
            return Err(self.wrong_current_password(caller));
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
        let page = sessions::list_of(&self.rows(), caller.user(), self.validity(), request).await?;
        Ok(page.map(|row| to_view(row, caller)))
    }

    async fn session(&self, caller: &Caller, id: SessionId) -> Result<Session, UsersError> {
        let validity = self.validity();
        let found = sessions::find_of(&self.rows(), caller.user(), id, validity).await?;
        // Same response for unknown and foreign ids: another one would confirm that it exists.
        let found = found.ok_or(UsersError::UnknownSession)?;
        Ok(to_view(found, caller))
    }

    async fn end_session(&self, caller: &Caller, id: SessionId) -> Result<(), UsersError> {
        let user_id = caller.user();
        let mut work = self.begin(caller);
        if !sessions::delete(&work.global().await?, user_id, id).await? {
            // Same response for unknown and foreign ids: another one would confirm that it exists.
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
        sessions::touch(&work.global().await?, session, self.validity()).await?;
        work.commit().await?;
        Ok(())
    }
}

fn to_view(row: sessions::Model, caller: &Caller) -> Session {
    Session {
        id: row.id,
        user_agent: row.user_agent,
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
        expires_at: row.expires_at,
        current: Some(row.id) == caller.session(),
    }
}
