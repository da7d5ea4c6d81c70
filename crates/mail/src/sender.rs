//! Who sends the mails.

use std::{fmt, str::FromStr};

use lettre::{Address, message::Mailbox};
use tenantry_core::value::Name;

/// What is expected of a sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an address such as no-reply@example.com, or Name <no-reply@example.com>")]
pub struct InvalidSender;

/// The address and the name in the `From` of every mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    name: Name,
    address: Address,
}

impl Sender {
    /// The name that people see.
    #[must_use]
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// The domain of the address, which ids of mails end in.
    pub(crate) fn domain(&self) -> &str {
        self.address.domain()
    }

    pub(crate) fn mailbox(&self) -> Mailbox {
        Mailbox::new(Some(self.name.to_string()), self.address.clone())
    }
}

/// A sender for development: mail that it sends elsewhere is refused there.
impl Default for Sender {
    fn default() -> Self {
        let sender = "Tenantry <no-reply@tenantry.invalid>".parse();
        sender.expect("it is an address")
    }
}

impl FromStr for Sender {
    type Err = InvalidSender;

    fn from_str(text: &str) -> Result<Self, InvalidSender> {
        let text = text.trim();
        let (name, address) = match text.rsplit_once('<') {
            Some((name, address)) => {
                let address = address.strip_suffix('>').ok_or(InvalidSender)?;
                (name.trim().trim_matches('"'), address)
            }
            None => ("", text),
        };
        let name = if name.is_empty() { "Tenantry" } else { name };
        Ok(Self {
            name: name.parse().map_err(|_| InvalidSender)?,
            address: address.parse().map_err(|_| InvalidSender)?,
        })
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} <{}>", self.name, self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        for (text, shown) in [
            ("no-reply@example.com", "Tenantry <no-reply@example.com>"),
            ("Acme <a@example.com>", "Acme <a@example.com>"),
            (
                "\"Acme, Inc.\" <a@example.com>",
                "Acme, Inc. <a@example.com>",
            ),
        ] {
            let sender: Sender = text.parse().expect(text);
            assert_eq!(sender.to_string(), shown);
        }
        for bad in [
            "",
            "Acme",
            "Acme <a@example.com",
            "a@example.com, b@example.com",
            "Acme\r\nBcc: x@example.com <a@example.com>",
            "<a@example.com>\r\nBcc: <x@example.com>",
        ] {
            assert_eq!(bad.parse::<Sender>(), Err(InvalidSender), "{bad:?}");
        }
    }
}
