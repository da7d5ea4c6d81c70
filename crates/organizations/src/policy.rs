//! What the operator decides once for all organizations.

use chrono::Duration;
use tenantry_core::access::Role;

/// What the operator decides once for all organizations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What people become in the organization of a dedicated deployment when they sign up.
    pub join_role: Role,
    /// How long the slug of a deleted organization is kept from everybody.
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
