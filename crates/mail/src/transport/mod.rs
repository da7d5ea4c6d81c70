//! The transports of mails.

mod folder;
mod log;
mod smtp;

use std::sync::Arc;

use async_trait::async_trait;

use crate::{Mail, MailUrl, Sender};

/// Any error of a transport.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// It may succeed later: the server is away or refuses for now.
    #[error("the mail could not be sent")]
    Unavailable(#[source] Cause),
    /// The server refuses the mail for good.
    #[error("the mail was rejected")]
    Rejected(#[source] Cause),
}

/// Hands mails to their transport.
#[async_trait]
pub trait Mailer: Send + Sync + 'static {
    /// Sends one mail. It returns when the transport has taken it over.
    ///
    /// # Errors
    /// [`MailError`].
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}

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
