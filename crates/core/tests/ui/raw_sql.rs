//! Would run any SQL: rows are no connection, and have none to give.

use sea_orm::ConnectionTrait as _;
use tenantry_core::db::{Database, GlobalRows, TenantRows, UnitOfWork};

fn way_out(rows: &TenantRows<'_>, global: &GlobalRows<'_>, work: &UnitOfWork, db: &Database) {
    let _ = rows.execute_unprepared("DELETE FROM books");
    let _ = global.execute_unprepared("DELETE FROM books");
    let _ = work.execute_unprepared("DELETE FROM books");
    let _ = db.execute_unprepared("DELETE FROM books");
}

fn main() {}
