//! The operation of signing up.

use async_trait::async_trait;
use tenantry_users::{ClientInfo, NewAccount, NewSession, User, UsersError, VerificationPolicy};

use super::model::{SignedUp, SignupPolicy};
use crate::{
    error::OrganizationsError,
    membership::invitations::{
        redeem::{Key, came_by_mail, check_recipient},
        secret::InvitationSecret,
    },
    service::Service,
};

/// Signing up.
#[async_trait]
pub trait SignupService: Send + Sync {
    /// Creates an account and a session. With an invitation, the same unit of work adds the
    /// membership; if that fails, no account is created. Where a confirmed address is required, there is
    /// no session yet, and no difference between a new address and one that an account has.
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
    ) -> Result<SignedUp, OrganizationsError>;
}

#[async_trait]
impl SignupService for Service {
    async fn sign_up(
        &self,
        account: NewAccount,
        invitation: Option<InvitationSecret>,
        client: ClientInfo,
    ) -> Result<SignedUp, OrganizationsError> {
        let users = &self.deps.users;
        match (invitation, self.deps.signup, users.verification()) {
            (Some(secret), _, _) => self.sign_up_invited(account, &secret, client).await,
            (None, SignupPolicy::Invitation, _) => Err(OrganizationsError::SignupByInvitationOnly),
            (None, SignupPolicy::Open, VerificationPolicy::Off) => {
                Ok(SignedUp::SignedIn(users.sign_up(account, client).await?))
            }
            (None, SignupPolicy::Open, VerificationPolicy::Required) => {
                users.sign_up_by_mail(account, &client).await?;
                Ok(SignedUp::VerificationSent)
            }
        }
    }
}

impl Service {
    async fn sign_up_invited(
        &self,
        account: NewAccount,
        secret: &InvitationSecret,
        client: ClientInfo,
    ) -> Result<SignedUp, OrganizationsError> {
        let users = &self.deps.users;
        let email = account.email.clone();
        // Checked before the expensive hashing, and again under the lock.
        let key = Key::Secret(secret);
        let found = self.look_up(key).await?;
        check_recipient(&found, &account.email)?;
        // The link of a mail proves that the address is the person's.
        let is_proven = came_by_mail(&found, secret);
        let is_by_mail = users.verification() == VerificationPolicy::Required && !is_proven;
        let prepared = users.prepare(account).await?;

        let actor = client.as_user(prepared.user());
        let mut work = self.db.begin(&actor);
        let invitation = self.lock_invitation(&mut work, key).await?;
        let registered = users.register(&mut work, prepared, &client).await;
        let user = match registered {
            Err(UsersError::EmailTaken) if is_by_mail => {
                drop(work);
                users.notify_known(&email, &client).await?;
                return Ok(SignedUp::VerificationSent);
            }
            registered => registered?,
        };
        if is_proven {
            users.confirm_email(&mut work, user.id).await?;
        }
        if is_by_mail {
            users.send_verification(&mut work, &user).await?;
            self.redeem(&mut work, invitation, &user, &actor).await?;
            work.commit().await?;
            return Ok(SignedUp::VerificationSent);
        }
        let key = users
            .open_session(&mut work, user.id, client.user_agent)
            .await?;
        self.redeem(&mut work, invitation, &user, &actor).await?;
        work.commit().await?;
        let user = User {
            email_verified: is_proven,
            ..user
        };
        Ok(SignedUp::SignedIn(NewSession { user, key }))
    }
}
