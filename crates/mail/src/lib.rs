//! Mails to people: links that recover or confirm an account, invitations, and notices of changes.
//!
//! - [`MailModule`]: the module's descriptor; its listeners write and send the mails that are due
//! - [`Mailer`]: hands a mail to its transport; [`mailer`] makes the one that a [`MailUrl`] names
//! - [`MailUrl`], [`Sender`]: the settings, parsed
//!
//! A mail is due when its change is committed, and written when it is sent, so that neither the log of
//! events nor the queue holds a secret or an address. `docs/mail.md` documents the guarantees.

mod address;
mod letter;
mod letters;
mod message;
mod module;
mod notices;
mod send;
mod sender;
mod transport;
mod url;

pub use message::Mail;
pub use module::{MailDeps, MailModule};
pub use sender::{InvalidSender, Sender};
pub use transport::{MailError, Mailer, mailer};
pub use url::{InvalidMailUrl, MailUrl};
