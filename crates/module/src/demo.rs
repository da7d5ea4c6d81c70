//! Demo data.

use std::error::Error;

use tenantry_core::access::TenantContext;

/// An organization of the demo data.
#[derive(Debug)]
pub struct DemoOrganization<'o> {
    /// Its slug.
    pub slug: &'o str,
    /// The context of its owner.
    pub owner: &'o TenantContext,
}

/// Why demo data could not be created.
pub type DemoError = Box<dyn Error + Send + Sync>;
