//! Mails in the log.

use async_trait::async_trait;

use crate::{Mail, MailError, Mailer};

/// Shows mails in the log, for development: their texts hold the secrets of links.
pub(super) struct LogMailer;

#[async_trait]
impl Mailer for LogMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let Mail { id, to, letter, .. } = mail;
        let (to, subject) = (&to.email, letter.subject.as_str());
        let text = letter.text.trim_end();
        tracing::info!(mail = %id, "mail to {to}: {subject}\n\n{text}\n");
        Ok(())
    }
}
