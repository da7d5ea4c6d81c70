//! Time and randomness.

use std::{collections::HashSet, sync::Arc};

use chrono::TimeDelta;
use tenantry_core::{
    clock::Clock as _,
    id::{UserId, Uuid},
    runtime::Runtime,
};
use tenantry_testkit::{FixedClock, SeededEntropy};

#[test]
fn the_clock_moves_only_when_moved() {
    let clock = FixedClock::default();
    assert_eq!(clock.now().to_rfc3339(), "2026-01-05T09:00:00+00:00");
    clock.advance(TimeDelta::days(7));
    assert_eq!(clock.now().to_rfc3339(), "2026-01-12T09:00:00+00:00");
    clock.advance(TimeDelta::seconds(-1));
    assert_eq!(clock.now().to_rfc3339(), "2026-01-12T08:59:59+00:00");
    let other = FixedClock::at(clock.now());
    clock.set(FixedClock::default().now());
    assert_eq!(clock.now(), FixedClock::default().now());
    assert_ne!(other.now(), clock.now());
}

#[test]
fn the_clock_truncates_to_microseconds_as_the_databases_do() {
    let clock = FixedClock::default();
    clock.set(clock.now() + TimeDelta::nanoseconds(1_999));
    assert_eq!(
        clock.now(),
        FixedClock::default().now() + TimeDelta::microseconds(1)
    );
}

#[test]
fn the_same_seed_gives_the_same_ids_and_never_one_twice() {
    let ids = |seed| -> Vec<UserId> {
        let entropy = Arc::new(SeededEntropy::new(seed));
        let runtime = Runtime::new(Arc::new(FixedClock::default()), entropy);
        (0..10_000).map(|_| runtime.new_id()).collect()
    };
    let first = ids(1);
    assert_eq!(first, ids(1));
    assert_ne!(first, ids(2));
    let distinct: HashSet<Uuid> = first.iter().map(|id| id.uuid()).collect();
    assert_eq!(distinct.len(), first.len());
}
