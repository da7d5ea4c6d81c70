//! Would write rows of any organization, and hand a connection to the hooks of the entity.

mod support;

use support::book;
use tenantry_core::{db::TenantRows, orm::*};

fn way_out(rows: &TenantRows<'_>, new: book::ActiveModel, old: book::Model) {
    let _ = new.clone().insert(rows);
    let _ = new.clone().update(rows);
    let _ = new.clone().save(rows);
    let _ = new.delete(rows);
    let _ = old.delete(rows);
}

fn main() {}
