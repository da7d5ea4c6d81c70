//! Would read the books of every organization.

mod support;

use support::book;
use tenantry_core::{db::TenantRows, orm::*};

fn way_out(rows: &TenantRows<'_>) {
    let _ = book::Entity::find().all(rows);
}

fn main() {}
