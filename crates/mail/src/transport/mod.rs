//! The transports of mails.

mod folder;
mod log;
mod smtp;

use std::sync::Arc;

use crate::{MailError, MailUrl, Mailer, Sender};

/// The transport that an address names. Call it within a tokio runtime.
///
/// # Errors
/// When the file with a certificate authority can't be used.
pub fn mailer(url: &MailUrl, from: &Sender) -> Result<Arc<dyn Mailer>, MailError> {
    let from = from.clone();
    Ok(match url {
        MailUrl::Log => Arc::new(log::LogMailer),
        MailUrl::Folder(folder) => Arc::new(folder::FolderMailer::new(folder.clone(), from)),
        MailUrl::Smtp(options) => Arc::new(smtp::SmtpMailer::new(options, from)?),
    })
}
