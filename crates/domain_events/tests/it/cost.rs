//! The cost of recording: a unit of work that inserts a row, against one that also records an
//! event, without a listener and with one.
//!
//! `TENANTRY_COST_ROUNDS` sets the number of rounds; figures are meaningful only in a release
//! build.

use std::{sync::Arc, time::Instant};

use tenantry_core::outbox::DeliveryMode;
use tenantry_testkit::each_database;
use tenantry_testkit::sample_events::SampleDeleted;

use crate::{
    support::{Fixture, Marks, organization, process::Process},
    throughput::{Variant, write, write_rate},
};

/// How many units of work of each variant run in a row.
const TURN: usize = 100;

fn rounds() -> usize {
    let rounds = std::env::var("TENANTRY_COST_ROUNDS").ok();
    rounds.map_or(2, |text| text.parse().expect("a number"))
}

/// The latency of a unit of work without concurrent writers, in microseconds.
async fn latency(process: &Process, variant: Variant) -> f64 {
    let grant = process.grant(organization(1));
    let started = Instant::now();
    for _ in 0..TURN {
        write(&process.database, &grant, variant)
            .await
            .expect("written");
    }
    started.elapsed().as_secs_f64() * 1e6 / TURN as f64
}

/// The median, which ignores pauses of the machine.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

each_database! {
    async fn recording_an_event_costs_a_fraction_of_an_insert(db: TestDatabase) {
        let fixture = Fixture::in_real_time(db).await;
        let without_listener = Arc::new(fixture.process().await);
        let with_listener = Arc::new(fixture.process().await);
        with_listener.bus.subscribe::<SampleDeleted>(DeliveryMode::Background, Marks::new("test.marks"));
        let variants = [
            ("bare", &without_listener, Variant::Insert),
            ("with an event", &without_listener, Variant::InsertAndRecord),
            ("with an event and a listener", &with_listener, Variant::InsertAndRecord),
        ];
        let mut figures = variants.map(|_| (Vec::new(), Vec::new()));
        // Interleaved, so that other load on the machine affects all variants alike.
        for _ in 0..rounds() {
            for ((_, process, variant), (latencies, rates)) in variants.iter().zip(&mut figures) {
                latencies.push(latency(process, *variant).await);
                rates.push(write_rate(process, TURN * 4, *variant).await);
            }
            fixture.raw.execute("DELETE FROM event_deliveries").await;
        }
        let log = "SELECT count(*) AS n FROM event_log";
        let recorded = rounds() * 2 * (TURN + TURN * 4);
        assert_eq!(fixture.raw.number(log).await, i64::try_from(recorded).expect("fits"));
        let figures = figures.map(|(latencies, rates)| (median(latencies), median(rates)));
        let (bare, rate) = figures[0];
        for ((what, ..), (latency, throughput)) in variants.iter().zip(figures) {
            println!(
                "{:?}, {what}: {latency:.0} microseconds latency ({:+.0} %), {throughput:.0} a second \
                 by eight writers ({:+.0} % time)",
                fixture.raw.backend(),
                (latency / bare - 1.0) * 100.0,
                (rate / throughput - 1.0) * 100.0,
            );
        }
    }
}
