//! The deployment's policy for organizations.

use chrono::Duration;
use tenantry_core::access::Role;

/// The deployment's policy for all organizations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The role of new users in the organization of a dedicated deployment.
    pub join_role: Role,
    /// How long the slug of a deleted organization stays unavailable.
    pub slug_quarantine: Duration,
    /// How many organizations one person may own; `None` for no limit.
    pub owned_per_person: Option<u32>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            join_role: Role::Member,
            slug_quarantine: Duration::days(90),
            owned_per_person: Some(100),
        }
    }
}
