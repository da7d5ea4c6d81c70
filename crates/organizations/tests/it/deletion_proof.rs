//! Time and memory of deleting an organization with very many rows, after an interruption. With a
//! million rows: `just deletion-proof`.

use std::{
    fs,
    sync::Mutex,
    time::{Duration, Instant},
};

use tenantry_core::access::Actor;
use tenantry_organizations::EraseProgress;
use tenantry_testkit::{TestDatabase, each_database};

use crate::{
    deletion::{erase_until, fill},
    support::{Fixture, slug},
};

each_database! {
    async fn an_interrupted_deletion_of_many_rows_is_completed(db: TestDatabase) {
        let rows = std::env::var("TENANTRY_DELETION_ROWS").ok();
        proof(db, rows.map_or(20_000, |rows| rows.parse().expect("a number"))).await;
    }
}

/// The memory of this process, in megabytes.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("a process has a status");
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.expect("a number") / 1024
}

async fn proof(db: TestDatabase, rows: u32) {
    let backend = db.backend();
    let fixture = Fixture::saas(db).await;
    for slug in ["acme", "globex"] {
        fixture.world.organization(slug).await;
    }
    fill(&fixture, "acme", rows, 1_000).await;
    fixture.world.raw.execute("ANALYZE").await;
    let acme = fixture
        .organizations
        .directory
        .find_by_slug(&slug("acme"))
        .await;
    let acme = acme.expect("found").expect("there").id;
    let marked = fixture
        .organizations
        .deletion
        .mark_for_deletion_as(acme, Actor::system())
        .await;
    marked.expect("marked");
    erase_until(&fixture, acme, "projects").await;

    let before = memory();
    let batches: Mutex<Vec<(Instant, u64)>> = Mutex::default();
    let progress = |erased: EraseProgress<'_>| {
        if erased.table == "projects" {
            let mut batches = batches.lock().expect("not poisoned");
            batches.push((Instant::now(), memory()));
            if batches.len().is_multiple_of(50) {
                println!("{}: {} rows, {} MB", erased.table, erased.rows, memory());
            }
        }
    };
    let started = Instant::now();
    let erased = fixture.organizations.deletion.erase(acme, &progress).await;
    erased.expect("erased");
    let took = started.elapsed();
    let left = "SELECT count(*) FROM projects";
    assert_eq!(fixture.world.raw.number(left).await, 0);

    let batches = batches.into_inner().expect("not poisoned");
    let times: Vec<Duration> = batches
        .windows(2)
        .map(|pair| pair[1].0 - pair[0].0)
        .collect();
    let mean =
        |times: &[Duration]| times.iter().sum::<Duration>().as_millis() / times.len() as u128;
    let tenth = times.len().div_ceil(10);
    println!(
        "{backend:?}: {rows} rows in {} batches after an interruption, {:.0} s; \
         a batch of the first tenth {} ms, of the last {} ms; \
         memory {before} MB before, {} MB at most",
        batches.len(),
        took.as_secs_f64(),
        mean(&times[..tenth]),
        mean(&times[times.len() - tenth..]),
        batches
            .iter()
            .map(|(_, memory)| memory)
            .max()
            .expect("batches"),
    );
}
