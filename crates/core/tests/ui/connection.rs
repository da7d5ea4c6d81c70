//! Would take the connection out of its place.

use tenantry_core::db::{Database, TenantRows, UnitOfWork};

fn way_out(rows: TenantRows<'_>, work: UnitOfWork, db: Database) {
    let _ = rows.connection();
    let _ = rows.connection;
    let _ = work.connection;
    let _ = db.inner;
    let _ = db.transaction(None);
}

fn main() {}
