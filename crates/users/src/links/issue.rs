//! Making the secret of a link.

use chrono::TimeDelta;
use tenantry_core::{
    db::{DbError, UnitOfWork},
    id::{LinkId, SessionId, UserId},
};
use tenantry_domain_events::events::mail::{MailContent, MailDue};

use super::{LinkPurpose, LinkSecret, store};
use crate::{Email, UsersDeps};

/// How long links to one address are counted.
const COUNTED: TimeDelta = TimeDelta::hours(1);

/// A link to mail.
pub(crate) struct NewLink {
    purpose: LinkPurpose,
    subject: String,
    email: Email,
    user: Option<UserId>,
    session: Option<SessionId>,
}

impl NewLink {
    /// For the owner of an address, whatever account has it.
    pub(crate) fn to_address(purpose: LinkPurpose, email: &Email) -> Self {
        Self {
            purpose,
            subject: email.to_string(),
            email: email.clone(),
            user: None,
            session: None,
        }
    }

    /// For one account.
    pub(crate) fn to_account(purpose: LinkPurpose, user: UserId, email: &Email) -> Self {
        Self {
            purpose,
            subject: user.to_string(),
            email: email.clone(),
            user: Some(user),
            session: None,
        }
    }

    /// The same, asked for by a session that a change of address does not end.
    pub(crate) fn asked_by(mut self, session: SessionId) -> Self {
        self.session = Some(session);
        self
    }
}

/// Gives the link of a purpose and subject a new secret, and has it mailed after the commit. False, and
/// nothing is done, if there were too many in the last hour.
///
/// A subject that is an account needs the account's lock. One that is an address has none: another request
/// may insert the row too, and the caller repeats what then fails as a duplicate.
pub(crate) async fn issue(
    deps: &UsersDeps,
    work: &mut UnitOfWork,
    new: &NewLink,
) -> Result<bool, DbError> {
    let runtime = deps.database.runtime();
    let now = runtime.now();
    let rows = work.global().await?;
    let found = store::lock(&rows, new.purpose, &new.subject).await?;
    let (id, generation) = match &found {
        Some(found) => (found.id, found.generation + 1),
        None => (runtime.new_id::<LinkId>(), 1),
    };
    let counted = found.as_ref().filter(|it| it.counted_from + COUNTED > now);
    let (counted_from, counted) = counted.map_or((now, 0), |it| (it.counted_from, it.counted));
    if deps.mails_per_hour > 0 && counted >= i64::from(deps.mails_per_hour) {
        return Ok(false);
    }
    runtime.failpoint("links.counted").await;
    let secret = LinkSecret::derive(&deps.link_key, new.purpose, id, generation);
    let link = store::Model {
        id,
        purpose: new.purpose,
        subject: new.subject.clone(),
        email: new.email.clone(),
        user_id: new.user,
        session_id: new.session,
        generation,
        secret_hash: Some(secret.digest()),
        expires_at: now + new.purpose.lifetime(),
        counted_from,
        counted: counted + 1,
    };
    match found {
        Some(_) => store::replace(&rows, link).await?,
        None => store::insert(&rows, link).await?,
    }
    work.record(&MailDue {
        mail_id: runtime.new_id(),
        content: MailContent::AccountLink {
            link_id: id,
            generation,
        },
    });
    Ok(true)
}
