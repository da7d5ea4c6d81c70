//! The service.

use async_trait::async_trait;
use tenantry_users::{ClientInfo, NewAccount, NewSession};

use super::{SignupPolicy, SignupService};
use crate::{InvitationSecret, OrganizationsError, invitations::check_recipient, service::Service};

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
        let mut work = self.db.begin(actor);
        let invitation = self.lock_invitation(&mut work, secret).await?;
        let user = users.register(&mut work, prepared).await?;
        let key = users
            .open_session(&mut work, user.id, client.user_agent)
            .await?;
        self.redeem(&mut work, invitation, &user, actor).await?;
        work.commit().await?;
        Ok(NewSession { user, key })
    }
}
