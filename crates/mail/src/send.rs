//! Writes and sends the mails that are due.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tenantry_core::{
    access::{Identity, Role},
    clock::Timestamp,
    event::Envelope,
    id::{MailId, OrganizationId, UserId},
    outbox::DeliveryMode,
};
use tenantry_domain_events::{
    EventBus, EventContext, Listener, ListenerError, Unrecoverable,
    events::mail::{AccountNotice, MailContent, MailDue},
};
use tenantry_organizations::InvitationToMail;
use tenantry_users::{LinkPurpose, LinkToMail, User, UsersError};

use crate::{
    Mail, MailDeps, MailError,
    address::Recipient,
    letter::{Moment, Stationery},
    letters::{
        EmailChange, EmailChangeRequested, EmailChanged, EmailVerification, Invitation,
        KnownAddress, Letter, PasswordChanged, PasswordReset, PasswordWasReset, RecoveryCodeUsed,
        RecoveryCodesRenewed, Removed, RoleChanged, SecondFactorAdded, SecondFactorRemoved,
        SecondFactorsReset,
    },
};

/// How long an attempt may take: longer than a mail server that makes its clients wait, and shorter than
/// a lease.
const DEADLINE: Duration = Duration::from_secs(9);

/// Registers the listener that sends.
pub(crate) fn subscribe(bus: &EventBus, deps: MailDeps) {
    bus.subscribe::<MailDue>(DeliveryMode::Background, SendMail(deps));
}

/// Sends each mail.
struct SendMail(MailDeps);

/// A letter and its recipient.
type Written = Option<(Recipient, Box<dyn Letter + Send>)>;

#[async_trait]
impl Listener<MailDue> for SendMail {
    fn name(&self) -> &'static str {
        "mail.send"
    }

    fn deadline(&self) -> Option<Duration> {
        Some(DEADLINE)
    }

    /// The unit of work has no connection while the mail is written and sent: it only acknowledges.
    async fn on(
        &self,
        event: MailDue,
        context: &mut EventContext<MailId>,
    ) -> Result<(), ListenerError> {
        self.0.runtime.failpoint("mail.due").await;
        let envelope = context.envelope();
        let Some((to, letter)) = self.write(event.content, envelope).await? else {
            return Ok(());
        };
        let at = envelope.occurred_at;
        let site = self.0.base_url.at("");
        let stationery = Stationery::new(&self.0.sender, site, to.name.clone());
        let mail = Mail {
            id: event.mail_id,
            to,
            letter: letter.write(&stationery)?,
            at,
        };
        let sent = self.0.mailer.send(&mail).await;
        sent.map_err(|error| match error {
            MailError::Rejected(_) => Unrecoverable(error.into()).into(),
            MailError::Unavailable(_) => ListenerError::from(error),
        })?;
        self.0.runtime.failpoint("mail.sent").await;
        Ok(())
    }
}

/// The recipient may have no account, so the mail knows no name.
fn invitation(found: InvitationToMail) -> (Recipient, Box<dyn Letter + Send>) {
    let to = Recipient {
        name: None,
        email: found.email,
    };
    let letter = Invitation {
        link: found.accept_url,
        until: Moment(found.expires_at),
        organization: found.organization,
        inviter: found.inviter,
        role: found.role,
    };
    (to, Box::new(letter))
}

impl SendMail {
    /// `None` if there is no reason for the mail any more.
    async fn write(
        &self,
        content: MailContent,
        envelope: &Envelope,
    ) -> Result<Written, ListenerError> {
        let at = envelope.occurred_at;
        match content {
            MailContent::AccountLink {
                link_id,
                generation,
            } => {
                let link = self.0.users.link_to_mail(link_id, generation).await?;
                Ok(link.map(|link| self.link(link)))
            }
            MailContent::AccountNotice { user_id, notice } => {
                let identity = envelope.details.identity.as_ref();
                let user = self.user(user_id).await?;
                user.map(|user| self.notice(user, notice, identity, at))
                    .transpose()
            }
            MailContent::Invitation { invitation_id, .. } => {
                let found = self.0.received.to_mail(invitation_id).await?;
                Ok(found.map(invitation))
            }
            MailContent::MembershipNotice {
                organization_id,
                user_id,
                role,
            } => self.membership(organization_id, user_id, role, at).await,
        }
    }

    fn link(&self, link: LinkToMail) -> (Recipient, Box<dyn Letter + Send>) {
        let secret = link.secret.expose();
        let until = Moment(link.expires_at);
        let url = |page: &str| self.0.base_url.at(&format!("{page}#token={secret}"));
        let letter: Box<dyn Letter + Send> = match link.purpose {
            LinkPurpose::PasswordReset => {
                let link = url("/reset");
                Box::new(PasswordReset { link, until })
            }
            LinkPurpose::EmailVerification => {
                let link = url("/verify");
                Box::new(EmailVerification { link, until })
            }
            LinkPurpose::EmailChange => {
                let link = url("/verify");
                Box::new(EmailChange { link, until })
            }
            LinkPurpose::KnownAddress => {
                let link = self.0.base_url.at("/login");
                let forgot = self.forgot();
                Box::new(KnownAddress { link, forgot })
            }
        };
        let to = Recipient {
            name: Some(link.name),
            email: link.email,
        };
        (to, letter)
    }

    /// A notice of an address goes to the one that the account had.
    fn notice(
        &self,
        user: User,
        notice: AccountNotice,
        identity: Option<&Arc<Identity>>,
        at: Timestamp,
    ) -> Result<(Recipient, Box<dyn Letter + Send>), ListenerError> {
        let mut email = user.email;
        let (at, forgot) = (Moment(at), self.forgot());
        let letter: Box<dyn Letter + Send> = match notice {
            AccountNotice::PasswordChanged => Box::new(PasswordChanged { at, forgot }),
            AccountNotice::PasswordReset => Box::new(PasswordWasReset { at, forgot }),
            AccountNotice::EmailChangeRequested => Box::new(EmailChangeRequested { at, forgot }),
            AccountNotice::EmailChanged => Box::new(EmailChanged { at }),
            AccountNotice::SecondFactorAdded => Box::new(SecondFactorAdded { at, forgot }),
            AccountNotice::SecondFactorRemoved => Box::new(SecondFactorRemoved { at, forgot }),
            AccountNotice::SecondFactorsReset => Box::new(SecondFactorsReset { at, forgot }),
            AccountNotice::RecoveryCodeUsed => Box::new(RecoveryCodeUsed { at, forgot }),
            AccountNotice::RecoveryCodesRenewed => Box::new(RecoveryCodesRenewed { at, forgot }),
        };
        if let (AccountNotice::EmailChangeRequested | AccountNotice::EmailChanged, Some(identity)) =
            (notice, identity)
        {
            email = identity.email.parse()?;
        }
        let to = Recipient {
            name: Some(user.name),
            email,
        };
        Ok((to, letter))
    }

    async fn membership(
        &self,
        organization: OrganizationId,
        user: UserId,
        role: Option<Role>,
        at: Timestamp,
    ) -> Result<Written, ListenerError> {
        let found = self.0.directory.find(organization).await?;
        let (Some(found), Some(user)) = (found, self.user(user).await?) else {
            return Ok(None);
        };
        let (at, organization) = (Moment(at), found.name);
        let letter: Box<dyn Letter + Send> = match role {
            Some(role) => Box::new(RoleChanged {
                at,
                organization,
                role,
            }),
            None => Box::new(Removed { at, organization }),
        };
        let to = Recipient {
            name: Some(user.name),
            email: user.email,
        };
        Ok(Some((to, letter)))
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, UsersError> {
        match self.0.users.user(id).await {
            Err(UsersError::UserNotFound) => Ok(None),
            found => found.map(Some),
        }
    }

    fn forgot(&self) -> String {
        self.0.base_url.at("/forgot")
    }
}
