//! What recording costs: a unit of work that writes a row, against one that records an event with
//! it, to which nobody listens, or one listener.
//!
//! `TENANTRY_COST_ROUNDS` sets how long it is measured; figures are worth something in a release
//! build alone.

use std::{sync::Arc, time::Instant};

use tenantry_core::outbox::DeliveryMode;
use tenantry_domain_events::events::projects::ProjectDeleted;
use tenantry_testkit::each_database;

use crate::{
    support::{Marks, Stage, organization, process::Process},
    throughput::{Doing, write, written},
};

/// How many units of work of each sort follow each other.
const TURN: usize = 100;

fn rounds() -> usize {
    let rounds = std::env::var("TENANTRY_COST_ROUNDS").ok();
    rounds.map_or(2, |text| text.parse().expect("a number"))
}

/// How long a unit of work takes when nobody else writes, in microseconds.
async fn alone(process: &Process, doing: Doing) -> f64 {
    let grant = process.grant(organization(1));
    let begun = Instant::now();
    for _ in 0..TURN {
        write(&process.database, &grant, doing)
            .await
            .expect("written");
    }
    begun.elapsed().as_secs_f64() * 1e6 / TURN as f64
}

/// The one in the middle: a pause of the machine is not the cost of anything.
fn middle(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

each_database! {
    async fn recording_an_event_costs_a_share_of_a_bare_insert(db: TestDatabase) {
        let stage = Stage::in_real_time(db).await;
        let unheard = Arc::new(stage.process().await);
        let heard = Arc::new(stage.process().await);
        heard.bus.subscribe::<ProjectDeleted>(DeliveryMode::Background, Marks::new("test.marks"));
        let sorts = [
            ("bare", &unheard, Doing::Bare),
            ("with an event", &unheard, Doing::Recording),
            ("with an event and a listener", &heard, Doing::Recording),
        ];
        let mut figures = sorts.map(|_| (Vec::new(), Vec::new()));
        // Turn by turn, so that whatever else the machine does is done to all.
        for _ in 0..rounds() {
            for ((_, process, doing), (latencies, rates)) in sorts.iter().zip(&mut figures) {
                latencies.push(alone(process, *doing).await);
                rates.push(written(process, TURN * 4, *doing).await);
            }
            stage.raw.execute("DELETE FROM event_deliveries").await;
        }
        let log = "SELECT count(*) AS n FROM event_log";
        let recorded = rounds() * 2 * (TURN + TURN * 4);
        assert_eq!(stage.raw.number(log).await, i64::try_from(recorded).expect("fits"));
        let figures = figures.map(|(latencies, rates)| (middle(latencies), middle(rates)));
        let (bare, rate) = figures[0];
        for ((what, ..), (latency, throughput)) in sorts.iter().zip(figures) {
            println!(
                "{:?}, {what}: {latency:.0} microseconds alone ({:+.0} %), {throughput:.0} a second \
                 by eight writers ({:+.0} % time)",
                stage.raw.backend(),
                (latency / bare - 1.0) * 100.0,
                (rate / throughput - 1.0) * 100.0,
            );
        }
    }
}
