//! Mails as files.

use std::{fs, io, path::PathBuf};

use async_trait::async_trait;

use crate::{Mail, MailError, Mailer, Sender};

/// Writes each mail to a file of its own.
pub(super) struct FolderMailer {
    folder: PathBuf,
    from: Sender,
}

impl FolderMailer {
    pub(super) const fn new(folder: PathBuf, from: Sender) -> Self {
        Self { folder, from }
    }
}

#[async_trait]
impl Mailer for FolderMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = mail.message(&self.from)?.formatted();
        let folder = self.folder.clone();
        let id = mail.id;
        let written = tokio::task::spawn_blocking(move || {
            fs::create_dir_all(&folder)?;
            // A reader of the folder sees no part of a mail, and a repeated one once.
            let draft = folder.join(format!(".{id}"));
            fs::write(&draft, message)?;
            fs::rename(draft, folder.join(format!("{id}.eml")))
        });
        let written = written
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)));
        written.map_err(|error| MailError::Unavailable(error.into()))
    }
}
