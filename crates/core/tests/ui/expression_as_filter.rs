//! Would end the scope: `WHERE organization_id = $1 AND (1=1) OR (1=1)`.

mod support;

use support::book;
use tenantry_core::{db::TenantRows, orm::sea_query::Expr};

fn way_out(rows: &TenantRows<'_>) {
    let always = || Expr::cust("1=1) OR (1=1");
    let _ = rows.find::<book::Entity>().filter(always());
    let _ = rows.update::<book::Entity>().filter(always());
    let _ = rows.delete::<book::Entity>().filter(always());
}

fn main() {}
