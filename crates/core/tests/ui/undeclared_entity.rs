//! Would query a table without a declared scope.

mod support;

use support::undeclared;
use tenantry_core::db::{GlobalRows, TenantRows};

fn way_out(rows: &TenantRows<'_>, global: &GlobalRows<'_>) {
    let _ = rows.find::<undeclared::Entity>();
    let _ = global.find::<undeclared::Entity>();
}

fn main() {}
