//! What hands mails over.

use async_trait::async_trait;

use crate::{Mail, MailError};

/// Hands mails to their transport.
#[async_trait]
pub trait Mailer: Send + Sync + 'static {
    /// Sends one mail. It returns when the transport has taken it over.
    ///
    /// # Errors
    /// [`MailError`].
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}
