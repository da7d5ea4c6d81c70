//! Would sort by, and so reveal, what a query of other organizations finds.

mod support;

use support::book::Entity;
use tenantry_core::{
    db::TenantRows,
    orm::{Order, sea_query::Expr},
};

fn way_out(rows: &TenantRows<'_>) {
    let _ = rows
        .find::<Entity>()
        .order_by(Expr::cust("(SELECT max(title) FROM books)"), Order::Asc);
}

fn main() {}
