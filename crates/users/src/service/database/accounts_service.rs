//! Changes to accounts, on the database.

use async_trait::async_trait;
use tenantry_core::{db::UnitOfWork, event::Changes, id::UserId};
use tenantry_domain_events::events::users::{UserDisabled, UserEnabled, UserRegistered};

use super::Users;
use crate::{
    AccountsService, ClientInfo, CredentialRevocation, NewAccount, OperatorFlags, PreparedAccount,
    SessionKey, User, UserAgent, UsersError,
    links::kill,
    store::{sessions, users},
};

#[async_trait]
impl AccountsService for Users {
    async fn prepare(&self, account: NewAccount) -> Result<PreparedAccount, UsersError> {
        Ok(PreparedAccount(
            self.new_row(account, OperatorFlags::default()).await?,
        ))
    }

    async fn register(
        &self,
        work: &mut UnitOfWork,
        account: PreparedAccount,
        client: &ClientInfo,
    ) -> Result<User, UsersError> {
        let user = users::insert(&work.global().await?, account.0).await?;
        work.record_sign_in(&UserRegistered { user_id: user.id }, client.client());
        Ok(user)
    }

    async fn open_session(
        &self,
        work: &mut UnitOfWork,
        user: UserId,
        user_agent: Option<UserAgent>,
    ) -> Result<SessionKey, UsersError> {
        let rows = work.global().await?;
        self.new_session(&rows, user, user_agent, None).await
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
            self.deps
                .tokens
                .on_credentials_revoked(work, user, why)
                .await?;
            kill::on_credentials_revoked(&work.global().await?, user, &before.email).await?;
        }
        let rows = work.global().await?;
        let changed = users::set_active(&rows, user, is_active, now).await?;
        let changed = changed.ok_or(UsersError::UserNotFound)?;
        let changes = Changes::default().field("is_active", before.is_active, is_active);
        if is_active {
            work.record_change(&UserEnabled { user_id: user }, changes);
        } else {
            sessions::delete_all(&rows, user).await?;
            work.record_change(&UserDisabled { user_id: user }, changes);
        }
        Ok(changed.into())
    }
}
