//! Would look as if colours belonged to an organization.

mod support;

use support::colour;
use tenantry_core::db::TenantRows;

fn way_out(rows: &TenantRows<'_>) {
    let _ = rows.find::<colour::Entity>();
}

fn main() {}
