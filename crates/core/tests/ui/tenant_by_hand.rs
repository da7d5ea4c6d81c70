//! Would name the scope of any organization.

use tenantry_core::{db::Tenant, id::OrganizationId};

fn way_out(organization: OrganizationId) {
    let _ = Tenant(organization);
}

fn main() {}
