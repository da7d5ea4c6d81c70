//! The recovery of accounts and their addresses, on the database.

use std::sync::Arc;

use async_trait::async_trait;
use tenantry_core::{
    access::{ActedBy, Actor, Identity, SessionCaller},
    db::{DbError, UnitOfWork},
    event::Changes,
    id::{LinkId, UserId},
};
use tenantry_domain_events::events::users::{
    EmailChangeRequested, EmailChanged, EmailVerified, PasswordReset, PasswordResetSent,
    UserRegistered,
};

use super::Users;
use crate::{
    ClientInfo, CredentialRevocation, Email, EmailChange, LinkPurpose, LinkSecret, LinkToMail,
    NewAccount, OperatorFlags, Password, RecoveryService, User, UsersError, VerificationPolicy,
    factors::store::pending,
    links::{
        issue::{NewLink, issue},
        kill, store,
    },
    store::{sessions, users},
};

#[async_trait]
impl RecoveryService for Users {
    fn verification(&self) -> VerificationPolicy {
        self.deps.verification
    }

    /// Hashes the password for a known address too, so that both take the same time.
    async fn sign_up_by_mail(
        &self,
        account: NewAccount,
        client: &ClientInfo,
    ) -> Result<(), UsersError> {
        let row = self.new_row(account, OperatorFlags::default()).await?;
        let email = row.email.clone();
        if users::find_by_email(&self.rows(), &email).await?.is_some() {
            return self.notify_known(&email, client).await;
        }
        let mut work = self.begin(client.as_user(row.id));
        let inserted = users::insert(&work.global().await?, row).await;
        let user = match inserted {
            // Another request created it in the meantime.
            Err(UsersError::EmailTaken) => {
                drop(work);
                return self.notify_known(&email, client).await;
            }
            inserted => inserted?,
        };
        self.send_verification(&mut work, &user).await?;
        work.record_sign_in(&UserRegistered { user_id: user.id }, client.client());
        Ok(work.commit().await?)
    }

    async fn send_verification(
        &self,
        work: &mut UnitOfWork,
        user: &User,
    ) -> Result<(), UsersError> {
        let new = NewLink::to_account(LinkPurpose::EmailVerification, user.id, &user.email);
        issue(&self.deps, work, &new).await?;
        Ok(())
    }

    async fn notify_known(&self, email: &Email, client: &ClientInfo) -> Result<(), UsersError> {
        let new = NewLink::to_address(LinkPurpose::KnownAddress, email);
        self.issue_to_address(&new, client).await
    }

    async fn forgot_password(&self, email: &Email, client: &ClientInfo) -> Result<(), UsersError> {
        let new = NewLink::to_address(LinkPurpose::PasswordReset, email);
        self.issue_to_address(&new, client).await
    }

    async fn send_password_reset(&self, user: UserId, actor: Actor) -> Result<(), UsersError> {
        match self.send_reset(user, actor.clone()).await {
            // A person who forgot it asked first; now there is a row to replace.
            Err(UsersError::Database(error)) if store::is_duplicate(&error) => {
                self.send_reset(user, actor).await
            }
            sent => sent,
        }
    }

    async fn recover_password(
        &self,
        secret: &LinkSecret,
        password: Password,
        client: &ClientInfo,
    ) -> Result<(), UsersError> {
        let now = self.runtime().now();
        let purposes = [LinkPurpose::PasswordReset];
        let link = store::by_secret(&self.rows(), &purposes, secret.digest(), now).await?;
        let link = link.ok_or(UsersError::DeadLink)?;
        let user = users::find_by_email(&self.rows(), &link.email).await?;
        let user = user.filter(|user| user.is_active);
        let user = user.ok_or(UsersError::DeadLink)?;
        // Slow, so only for a link that is good, and before a transaction is open.
        let hash = self.deps.hasher.hash(password.into()).await?;
        self.runtime().failpoint("links.found").await;

        let mut work = self.begin(follower(client, user.id));
        let locked = users::lock(&work.global().await?, user.id).await?;
        let locked = locked.filter(|locked| locked.is_active && locked.email == link.email);
        let locked = locked.ok_or(UsersError::DeadLink)?;
        let now = self.runtime().now();
        if !store::use_once(&work.global().await?, &link, now).await? {
            return Err(UsersError::DeadLink);
        }
        let why = CredentialRevocation::PasswordReset;
        let tokens = &self.deps.tokens;
        tokens
            .on_credentials_revoked(&mut work, user.id, why)
            .await?;
        let rows = work.global().await?;
        users::reset_password(&rows, user.id, hash, now).await?;
        kill::on_credentials_revoked(&rows, user.id, &link.email).await?;
        sessions::delete_all(&rows, user.id).await?;
        if !locked.email_verified {
            users::verify_email(&rows, user.id, now).await?;
            work.record(&EmailVerified { user_id: user.id });
        }
        work.record(&PasswordReset { user_id: user.id });
        Ok(work.commit().await?)
    }

    async fn request_verification(&self, caller: &SessionCaller) -> Result<(), UsersError> {
        let mut work = self.begin(caller);
        let user = users::lock(&work.global().await?, caller.user()).await?;
        let user = user.ok_or(UsersError::SessionExpired)?;
        if user.email_verified {
            return Ok(());
        }
        let new = NewLink::to_account(LinkPurpose::EmailVerification, user.id, &user.email);
        self.issue_or_refuse(&mut work, &new).await?;
        Ok(work.commit().await?)
    }

    async fn request_email_change(
        &self,
        caller: &SessionCaller,
        change: EmailChange,
    ) -> Result<(), UsersError> {
        caller.second_factor().require_recent()?;
        let verified = self.check_current_password(caller, change.current).await?;
        let mut work = self.begin(caller);
        self.lock_unchanged(&mut work, caller, &verified).await?;
        let new = NewLink::to_account(LinkPurpose::EmailChange, verified.id, &change.email)
            .asked_by(caller.session());
        self.issue_or_refuse(&mut work, &new).await?;
        let user_id = verified.id;
        work.record(&EmailChangeRequested { user_id });
        Ok(work.commit().await?)
    }

    async fn verify_email(
        &self,
        secret: &LinkSecret,
        client: &ClientInfo,
    ) -> Result<(), UsersError> {
        let now = self.runtime().now();
        let purposes = [LinkPurpose::EmailVerification, LinkPurpose::EmailChange];
        let link = store::by_secret(&self.rows(), &purposes, secret.digest(), now).await?;
        let link = link.ok_or(UsersError::DeadLink)?;
        let user = link.user_id.ok_or(UsersError::DeadLink)?;
        let user = users::find(&self.rows(), user).await?;
        let user = user.ok_or(UsersError::DeadLink)?;
        self.runtime().failpoint("links.found").await;

        let mut actor = follower(client, user.id);
        // As the log shows the person who had the old address.
        actor.identity = Some(Arc::new(Identity {
            name: user.name.to_string(),
            email: user.email.to_string(),
        }));
        let mut work = self.begin(actor);
        let locked = users::lock(&work.global().await?, user.id).await?;
        // Its address was read before the lock, for the log.
        let locked = locked.filter(|locked| locked.is_active && locked.email == user.email);
        let locked = locked.ok_or(UsersError::DeadLink)?;
        let now = self.runtime().now();
        if !store::use_once(&work.global().await?, &link, now).await? {
            return Err(UsersError::DeadLink);
        }
        match link.purpose {
            LinkPurpose::EmailChange => self.change_email(&mut work, &locked, &link).await?,
            _ if locked.email == link.email => self.confirm(&mut work, &locked).await?,
            _ => return Err(UsersError::DeadLink),
        }
        Ok(work.commit().await?)
    }

    async fn confirm_email(&self, work: &mut UnitOfWork, user: UserId) -> Result<(), UsersError> {
        let locked = users::lock(&work.global().await?, user).await?;
        let locked = locked.ok_or(UsersError::UserNotFound)?;
        self.confirm(work, &locked).await
    }

    async fn link_to_mail(
        &self,
        link: LinkId,
        generation: i64,
    ) -> Result<Option<LinkToMail>, UsersError> {
        let now = self.runtime().now();
        let link = store::find(&self.rows(), link).await?;
        let is_newest =
            |link: &store::Model| link.generation == generation && link.expires_at > now;
        let Some(link) = link.filter(is_newest) else {
            return Ok(None);
        };
        let user = match link.user_id {
            Some(user) => users::find(&self.rows(), user).await?,
            None => users::find_by_email(&self.rows(), &link.email).await?,
        };
        let purpose = link.purpose;
        let is_for = |user: &users::Model| {
            user.is_active && (purpose == LinkPurpose::EmailChange || user.email == link.email)
        };
        let secret = LinkSecret::derive(&self.deps.link_key, purpose, link.id, generation);
        // Dead, or made with another secret of the deployment, whose links are of no use.
        if link.secret_hash != Some(secret.digest()) {
            return Ok(None);
        }
        Ok(user.filter(is_for).map(|user| LinkToMail {
            purpose,
            name: user.name,
            email: link.email,
            secret,
            expires_at: link.expires_at,
        }))
    }
}

/// The actor of a request that comes with a link and no session.
fn follower(client: &ClientInfo, user: UserId) -> Actor {
    Actor {
        by: ActedBy::System,
        ..client.as_user(user)
    }
}

impl Users {
    async fn send_reset(&self, user: UserId, actor: Actor) -> Result<(), UsersError> {
        let mut work = self.begin(actor);
        let found = users::lock(&work.global().await?, user).await?;
        let found = found.filter(|user| user.is_active);
        let found = found.ok_or(UsersError::UserNotFound)?;
        let new = NewLink::to_address(LinkPurpose::PasswordReset, &found.email);
        self.issue_or_refuse(&mut work, &new).await?;
        work.record(&PasswordResetSent { user_id: user });
        Ok(work.commit().await?)
    }

    /// Issues a link in a unit of work of its own, for an address of which nothing is known.
    async fn issue_to_address(&self, new: &NewLink, client: &ClientInfo) -> Result<(), UsersError> {
        let issued = match self.issue_alone(new, client).await {
            // Another request inserted the row first; now there is one to replace.
            Err(error) if store::is_duplicate(&error) => self.issue_alone(new, client).await,
            issued => issued,
        };
        Ok(issued?)
    }

    async fn issue_alone(&self, new: &NewLink, client: &ClientInfo) -> Result<(), DbError> {
        let mut work = self.begin(Actor {
            request: client.request,
            ..Actor::system()
        });
        store::prune(&work.global().await?, self.runtime().now()).await?;
        issue(&self.deps, &mut work, new).await?;
        work.commit().await
    }

    async fn issue_or_refuse(
        &self,
        work: &mut UnitOfWork,
        new: &NewLink,
    ) -> Result<(), UsersError> {
        if issue(&self.deps, work, new).await? {
            Ok(())
        } else {
            Err(UsersError::TooManyMails)
        }
    }

    /// Confirms the address of a locked account.
    async fn confirm(
        &self,
        work: &mut UnitOfWork,
        locked: &users::Model,
    ) -> Result<(), UsersError> {
        if locked.email_verified {
            return Ok(());
        }
        let now = self.runtime().now();
        users::verify_email(&work.global().await?, locked.id, now).await?;
        work.record(&EmailVerified { user_id: locked.id });
        Ok(())
    }

    /// Gives a locked account the address of a link.
    async fn change_email(
        &self,
        work: &mut UnitOfWork,
        locked: &users::Model,
        link: &store::Model,
    ) -> Result<(), UsersError> {
        let now = self.runtime().now();
        let rows = work.global().await?;
        users::change_email(&rows, locked.id, &link.email, now).await?;
        pending::delete_all(&rows, locked.id).await?;
        kill::on_email_changed(&rows, locked.id, &locked.email, &link.email).await?;
        match link.session_id {
            Some(session) => sessions::delete_others(&rows, locked.id, session).await?,
            None => sessions::delete_all(&rows, locked.id).await?,
        }
        let changes = Changes::default().field("email", &locked.email, &link.email);
        work.record_change(&EmailChanged { user_id: locked.id }, changes);
        Ok(())
    }
}
