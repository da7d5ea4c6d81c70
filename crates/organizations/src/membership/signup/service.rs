//! The operation of signing up.

use async_trait::async_trait;
use tenantry_users::{ClientInfo, NewAccount, NewSession};

use super::model::SignupPolicy;
use crate::{
    error::OrganizationsError,
    membership::invitations::{redeem::check_recipient, secret::InvitationSecret},
    service::Service,
};

/// Signing up.
#[async_trait]
pub trait SignupService: Send + Sync {
    /// Creates an account and a session. With an invitation, the same unit of work adds the
    /// membership; if that fails, no account is created.
    ///
    /// # Errors
    /// [`OrganizationsError::SignupByInvitationOnly`] without a required invitation; with one, the
    /// errors of [`accept`](crate::InvitationsService::accept). Those of the users module: the
    /// address is taken, or too many passwords are being hashed.
    async fn sign_up(
        &self,
        account: NewAccount,
        invitation: Option<InvitationSecret>,
        client: ClientInfo,
    ) -> Result<NewSession, OrganizationsError>;
}

#[async_trait]
impl SignupService for Service {
    async fn sign_up(
        &self,
        account: NewAccount,
        invitation: Option<InvitationSecret>,
        client: ClientInfo,
    ) -> Result<NewSession, OrganizationsError> {
        match (invitation, self.deps.signup) {
            (Some(secret), _) => self.sign_up_invited(account, &secret, client).await,
            (None, SignupPolicy::Open) => Ok(self.deps.users.sign_up(account, client).await?),
            (None, SignupPolicy::Invitation) => Err(OrganizationsError::SignupByInvitationOnly),
        }
    }
}

impl Service {
    async fn sign_up_invited(
        &self,
        account: NewAccount,
        secret: &InvitationSecret,
        client: ClientInfo,
    ) -> Result<NewSession, OrganizationsError> {
        let users = &self.deps.users;
        // Checked before the expensive hashing, and again under the lock.
        check_recipient(&self.look_up(secret).await?, &account.email)?;
        let prepared = users.prepare(account).await?;

        let actor = client.as_user(prepared.user());
        let mut work = self.db.begin(&actor);
        let invitation = self.lock_invitation(&mut work, secret).await?;
        let user = users.register(&mut work, prepared, &client).await?;
        let key = users
            .open_session(&mut work, user.id, client.user_agent)
            .await?;
        self.redeem(&mut work, invitation, &user, &actor).await?;
        work.commit().await?;
        Ok(NewSession { user, key })
    }
}
