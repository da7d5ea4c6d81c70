//! Would write what a query of other organizations finds.

mod support;

use support::book::{Column, Entity};
use tenantry_core::{
    db::{ColumnFilter as _, TenantRows},
    orm::sea_query::Expr,
};

fn way_out(rows: &TenantRows<'_>) {
    let theirs = || Expr::cust("(SELECT max(title) FROM books)");
    let _ = rows.update::<Entity>().set(Column::Title, theirs());
    let _ = rows.find::<Entity>().filter(Column::Title.eq(theirs()));
    let _ = rows
        .find::<Entity>()
        .filter(Column::Title.contains(theirs()));
}

fn main() {}
