//! People that mails are for.

use lettre::{Address, message::Mailbox};
use tenantry_core::value::Name;
use tenantry_users::Email;

/// A person that a mail is for.
#[derive(Clone, Debug)]
pub(crate) struct Recipient {
    /// The person's name, if known.
    pub(crate) name: Option<Name>,
    /// The address.
    pub(crate) email: Email,
}

impl Recipient {
    /// An [`Email`] has one line, one `@` and no character that a header gives a meaning.
    pub(crate) fn mailbox(&self) -> Mailbox {
        let (local, domain) = self.email.as_str().split_once('@').unwrap_or_default();
        Mailbox::new(
            self.name.as_ref().map(Name::to_string),
            Address::new_dangerous(local, domain),
        )
    }
}
