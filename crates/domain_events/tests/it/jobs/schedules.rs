//! Schedules, by a clock that the test moves.

use std::sync::Arc;

use tenantry_core::clock::{Clock as _, Timestamp};
use tenantry_testkit::{TestFailpoints, each_database};

use super::support::{LeaveMark, Marker, NAME};
use crate::support::{Behavior, Fixture, process::Process};

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// A process with the schedule, which has been renewed.
async fn scheduled(fixture: &Fixture, expression: &'static str) -> Process {
    let process = fixture.process().await;
    process.bus.schedule::<LeaveMark>(expression, Marker::new());
    process.drain().await;
    process
}

/// Moves the clock to a time, and does what is due.
async fn at(fixture: &Fixture, process: &Process, text: &str) {
    fixture.clock.set(time(text));
    process.drain().await;
}

each_database! {
    async fn a_schedule_is_due_at_the_local_time_of_each_organization(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(3).await;
        fixture.set_zone(2, "Asia/Tokyo").await;
        fixture.set_zone(3, "America/New_York").await;
        fixture.clock.set(time("2026-01-05T12:00:00Z"));
        let process = scheduled(&fixture, "0 8 * * *").await;
        let done = async || {
            [fixture.done_in(1).await, fixture.done_in(2).await, fixture.done_in(3).await]
        };
        assert_eq!(done().await, [0, 0, 0], "not at the start");
        for (moment, expected) in [
            ("2026-01-05T12:59:59Z", [0, 0, 0]),
            ("2026-01-05T13:00:00Z", [0, 0, 1]),
            ("2026-01-05T22:59:59Z", [0, 0, 1]),
            ("2026-01-05T23:00:00Z", [0, 1, 1]),
            ("2026-01-06T08:00:00Z", [1, 1, 1]),
            ("2026-01-06T13:00:00Z", [1, 1, 2]),
        ] {
            at(&fixture, &process, moment).await;
            assert_eq!(done().await, expected, "{moment}");
        }
    }

    async fn a_time_that_the_clocks_skip_is_done_at_the_change(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(1).await;
        fixture.set_zone(1, "Europe/Zurich").await;
        fixture.clock.set(time("2026-03-28T12:00:00Z"));
        let process = scheduled(&fixture, "30 2 * * *").await;
        for (moment, expected) in [
            ("2026-03-29T00:59:59Z", 0),
            // 02:00 becomes 03:00.
            ("2026-03-29T01:00:00Z", 1),
            ("2026-03-29T23:59:59Z", 1),
            ("2026-03-30T00:30:00Z", 2),
        ] {
            at(&fixture, &process, moment).await;
            assert_eq!(fixture.done_in(1).await, expected, "{moment}");
        }
    }

    async fn a_time_that_the_clocks_show_twice_is_done_once(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(1).await;
        fixture.set_zone(1, "Europe/Zurich").await;
        fixture.clock.set(time("2026-10-24T12:00:00Z"));
        let process = scheduled(&fixture, "30 2 * * *").await;
        for (moment, expected) in [
            ("2026-10-25T00:29:59Z", 0),
            ("2026-10-25T00:30:00Z", 1),
            // 03:00 became 02:00, and it is 02:30 again.
            ("2026-10-25T01:30:00Z", 1),
            ("2026-10-26T01:29:59Z", 1),
            ("2026-10-26T01:30:00Z", 2),
        ] {
            at(&fixture, &process, moment).await;
            assert_eq!(fixture.done_in(1).await, expected, "{moment}");
        }
    }

    async fn times_that_passed_without_a_process_are_done_once(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(1).await;
        let process = scheduled(&fixture, "0 * * * *").await;
        drop(process);
        fixture.clock.set(time("2026-01-09T09:30:00Z"));
        let process = scheduled(&fixture, "0 * * * *").await;
        assert_eq!(fixture.done_in(1).await, 1);
        at(&fixture, &process, "2026-01-09T09:59:59Z").await;
        assert_eq!(fixture.done_in(1).await, 1);
        at(&fixture, &process, "2026-01-09T10:00:00Z").await;
        assert_eq!(fixture.done_in(1).await, 2);
    }

    async fn of_two_processes_at_a_time_one_enqueues_the_job(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(1).await;
        let failpoints = Arc::new(TestFailpoints::default());
        let slow = fixture.process_with_failpoints(Arc::clone(&failpoints) as _).await;
        slow.bus.schedule::<LeaveMark>("0 * * * *", Marker::new());
        let quick = scheduled(&fixture, "0 * * * *").await;
        fixture.clock.set(time("2026-01-05T10:00:00Z"));
        let due = failpoints.close("jobs.schedule_due");
        tokio::join!(slow.drain(), async {
            due.reached(1).await;
            quick.drain().await;
            assert_eq!(fixture.done_in(1).await, 1);
            due.open();
        });
        assert_eq!(fixture.done_in(1).await, 1, "once");
        assert_eq!((fixture.left().await, fixture.stored().await), (1, 0), "the schedule is left");
    }

    async fn another_time_zone_moves_the_next_time(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(1).await;
        fixture.clock.set(time("2026-01-05T12:00:00Z"));
        let process = scheduled(&fixture, "0 8 * * *").await;
        fixture.set_zone(1, "America/New_York").await;
        at(&fixture, &process, "2026-01-05T12:01:00Z").await;
        let next = process.operations().status().await.expect("queried")[0].backlog.next;
        assert_eq!(next, Some(time("2026-01-05T13:00:00Z")));
        // One that was not noticed yet does not make the old time one.
        fixture.set_zone(1, "Asia/Tokyo").await;
        at(&fixture, &process, "2026-01-05T13:00:00Z").await;
        assert_eq!(fixture.done_in(1).await, 0);
        at(&fixture, &process, "2026-01-05T23:00:00Z").await;
        assert_eq!(fixture.done_in(1).await, 1);
    }

    async fn another_expression_moves_the_next_time(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(1).await;
        fixture.clock.set(time("2026-01-05T12:00:00Z"));
        let former = scheduled(&fixture, "0 8 * * *").await;
        let process = scheduled(&fixture, "0 13 * * *").await;
        at(&fixture, &process, "2026-01-05T13:00:00Z").await;
        assert_eq!(fixture.done_in(1).await, 1);
        drop(former);
    }

    async fn a_new_organization_has_the_schedule_and_a_suspended_one_waits(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(1).await;
        let process = scheduled(&fixture, "0 * * * *").await;
        fixture.found(2).await;
        process.drain().await;
        fixture.set_active(1, false).await;
        at(&fixture, &process, "2026-01-05T10:00:00Z").await;
        assert_eq!((fixture.done_in(1).await, fixture.done_in(2).await), (0, 1));
        at(&fixture, &process, "2026-01-05T12:30:00Z").await;
        fixture.set_active(1, true).await;
        process.drain().await;
        assert_eq!((fixture.done_in(1).await, fixture.done_in(2).await), (1, 2), "once");
    }

    async fn a_job_that_still_waits_is_not_enqueued_again(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(1).await;
        let process = fixture.process().await;
        process.bus.schedule::<LeaveMark>("*/5 * * * *", Marker::with(|_| Behavior::Fails));
        process.drain().await;
        for _ in 0..4 {
            fixture.clock.advance(chrono::TimeDelta::minutes(5));
            process.drain().await;
        }
        let backlog = process.job_backlog().await;
        assert_eq!((backlog.scheduled + backlog.due, fixture.stored().await), (1, 1));
    }

    async fn an_operator_runs_a_scheduled_job_now(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(3).await;
        let process = scheduled(&fixture, "0 8 * * *").await;
        fixture.set_active(3, false).await;
        let next = process.job_backlog().await.next;
        let run = process.operations().run(NAME, None).await.expect("enqueued");
        assert_eq!(run, Some(2), "not in the suspended one");
        process.drain().await;
        let only = crate::support::organization(2);
        let run = process.operations().run(NAME, Some(only)).await.expect("enqueued");
        assert_eq!(run, Some(1));
        process.drain().await;
        assert_eq!((fixture.done_in(1).await, fixture.done_in(2).await), (1, 2));
        assert_eq!(process.job_backlog().await.next, next, "the schedule stays");
        assert!(fixture.clock.now() < next.expect("a time"));
        let without = fixture.process().await;
        without.bus.handle::<LeaveMark>(Marker::new());
        assert_eq!(without.operations().run(NAME, None).await.expect("queried"), None);
    }
}
