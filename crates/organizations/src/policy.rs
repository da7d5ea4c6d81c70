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
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            join_role: Role::Member,
            slug_quarantine: Duration::days(90),
        }
    }
}
