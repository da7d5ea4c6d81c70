//! Would insert a book into any organization.

mod support;

use support::book;
use tenantry_core::{db::TenantRows, orm::*};

fn way_out(rows: &TenantRows<'_>, new: book::ActiveModel) {
    let _ = book::Entity::insert(new).exec(rows);
}

fn main() {}
