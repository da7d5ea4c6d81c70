//! Would read a book of any organization by its id.

mod support;

use support::book;
use tenantry_core::{db::TenantRows, orm::*};

fn way_out(rows: &TenantRows<'_>, id: (tenantry_core::id::Uuid, tenantry_core::id::Uuid)) {
    let _ = book::Entity::find_by_id(id).one(rows);
}

fn main() {}
