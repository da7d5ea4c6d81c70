//! Would use the rows of one organization after the unit of work went on to another.

use tenantry_core::{access::Grant, db::UnitOfWork};

mod support;
use support::book;

async fn way_out(work: &mut UnitOfWork, one: &Grant<()>, other: &Grant<()>) {
    let rows = work.tenant(one).await.expect("rows");
    work.tenant(other).await.expect("rows");
    rows.find::<book::Entity>().all().await;
}

async fn after_the_end(mut work: UnitOfWork, grant: &Grant<()>) {
    let rows = work.tenant(grant).await.expect("rows");
    work.commit().await.expect("committed");
    rows.find::<book::Entity>().all().await;
}

fn main() {}
