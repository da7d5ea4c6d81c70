//! Mails to people: links that recover or confirm an account, invitations, and notices of changes.
//!
//! - [`MailModule`]: the module's descriptor; its listeners write and send the mails that are due
//! - [`Mailer`]: hands a mail to its transport; [`mailer`] makes the one that a [`MailUrl`] names
//! - [`MailUrl`], [`Sender`]: the settings, parsed
//!
//! A mail is due when its change is committed, and written when it is sent, so that neither the log of
//! events nor the queue holds a secret or an address. `docs/mail.md` documents the guarantees.

mod address;
mod deps;
mod error;
mod letter;
mod letters;
mod mailer;
mod message;
mod module;
mod notices;
mod send;
mod sender;
mod transport;
mod url;

pub use deps::MailDeps;
pub use error::MailError;
pub use mailer::Mailer;
pub use message::Mail;
pub use module::MailModule;
pub use sender::{InvalidSender, Sender};
pub use transport::mailer;
pub use url::{InvalidMailUrl, MailUrl};
