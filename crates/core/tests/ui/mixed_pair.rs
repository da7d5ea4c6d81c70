//! Would join rows of an organization with global rows, whose table no scope filters.

mod support;

use support::{book, colour};
use tenantry_core::{db::TenantRows, orm::*};

impl Related<colour::Entity> for book::Entity {
    fn to() -> RelationDef {
        unreachable!()
    }
}

fn way_out(rows: &TenantRows<'_>, books: &[book::Model]) {
    let _ = rows.find::<book::Entity>().with_related::<colour::Entity>();
    let _ = rows.load_many::<book::Entity, colour::Entity>(books);
}

fn main() {}
