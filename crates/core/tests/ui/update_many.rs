//! Would change the books of every organization.

mod support;

use support::book;
use tenantry_core::{db::TenantRows, orm::*};

fn way_out(rows: &TenantRows<'_>) {
    let _ = book::Entity::update_many().exec(rows);
}

fn main() {}
