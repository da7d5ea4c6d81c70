//! Would read and write the books of every organization.

mod support;

use support::book;
use tenantry_core::db::GlobalRows;

fn way_out(rows: &GlobalRows<'_>, new: book::ActiveModel) {
    let _ = rows.find::<book::Entity>();
    let _ = rows.update::<book::Entity>();
    let _ = rows.delete::<book::Entity>();
    let _ = rows.insert::<book::Entity>(new);
}

fn main() {}
