//! The two deployment modes.

use crate::value::Slug;

/// The deployment mode: many customers, or one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deployment {
    /// Many organizations; users create their own and belong to several.
    Saas,
    /// One organization, which every new user joins.
    Dedicated {
        /// The slug of that organization.
        organization: Slug,
    },
}

impl Deployment {
    /// The mode's name: `saas` or `dedicated`.
    #[must_use]
    pub const fn mode(&self) -> &'static str {
        match self {
            Self::Saas => "saas",
            Self::Dedicated { .. } => "dedicated",
        }
    }

    /// Whether there can be more than one organization.
    #[must_use]
    pub const fn multi_org_enabled(&self) -> bool {
        matches!(self, Self::Saas)
    }
}
