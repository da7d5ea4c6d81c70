//! What a mail says.

use std::fmt;

use tenantry_core::{clock::Timestamp, value::Name};

use crate::Sender;

/// A subject: one line, of texts of this program and names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject(String);

impl Subject {
    pub(crate) fn plain(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    pub(crate) fn about(text: &'static str, name: &Name) -> Self {
        Self(format!("{text} {name}"))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What every mail has: its sender and its recipient.
#[derive(Clone, Debug)]
pub(crate) struct Stationery {
    /// The name of the product.
    pub(crate) product: String,
    /// The address of the deployment.
    pub(crate) site: String,
    /// The recipient's name, if known.
    pub(crate) name: Option<Name>,
}

impl Stationery {
    pub(crate) fn new(from: &Sender, site: String, name: Option<Name>) -> Self {
        Self {
            product: from.name().to_string(),
            site,
            name,
        }
    }
}

/// A letter in its two forms.
#[derive(Clone, Debug)]
pub(crate) struct WrittenLetter {
    pub(crate) subject: Subject,
    pub(crate) text: String,
    pub(crate) html: String,
}

/// A moment as people read it. A mail does not know its reader's time zone.
pub(crate) struct Moment(pub(crate) Timestamp);

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} UTC", self.0.format("%-d %B %Y, %H:%M"))
    }
}
