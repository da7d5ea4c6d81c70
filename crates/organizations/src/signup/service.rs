//! The service.

use async_trait::async_trait;
use tenantry_users::{ClientInfo, NewAccount, NewSession};

use super::{SignupPolicy, SignupService};
use crate::{InvitationSecret, OrganizationsError, invitations::refuse_others, service::Service};

#[async_trait]
impl SignupService for Service {
    async fn sign_up(
        &self,
        account: NewAccount,
        invitation: Option<InvitationSecret>,
        visitor: ClientInfo,
    ) -> Result<NewSession, OrganizationsError> {
        match (invitation, self.deps.signup) {
            (Some(secret), _) => self.sign_up_invited(account, &secret, visitor).await,
            (None, SignupPolicy::Open) => Ok(self.deps.users.sign_up(account, visitor).await?),
            (None, SignupPolicy::Invitation) => Err(OrganizationsError::SignupByInvitationOnly),
        }
    }
}

impl Service {
    async fn sign_up_invited(
        &self,
        account: NewAccount,
        secret: &InvitationSecret,
        visitor: ClientInfo,
    ) -> Result<NewSession, OrganizationsError> {
        let users = &self.deps.users;
        // Hashing takes long: nobody gets it for nothing. It is all asked again under the lock.
        refuse_others(&self.look_up(secret).await?, &account.email)?;
        let draft = users.prepare(account).await?;

        let actor = visitor.as_user(draft.user());
        let mut work = self.db.begin(actor);
        let held = self.hold_invitation(&mut work, secret).await?;
        let user = users.register(&mut work, draft).await?;
        let key = users
            .open_session(&mut work, user.id, visitor.user_agent)
            .await?;
        self.redeem(&mut work, held, &user, actor).await?;
        work.commit().await?;
        Ok(NewSession { user, key })
    }
}
