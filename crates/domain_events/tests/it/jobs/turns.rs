//! Organizations take turns, and several processes share the work.
//!
//! `TENANTRY_JOBS` sets how many jobs of one organization are due at a moment; a test run has few. Then
//! the delay of another organization's job is asserted, too.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use tenantry_core::id::Uuid;
use tenantry_testkit::{TestFailpoints, each_database};
use tokio::time::sleep;

use super::support::{LeaveMark, Marker, NAME};
use crate::support::{Fixture, organization};

/// How long the job of another organization may wait.
const WAITS_LESS_THAN: Duration = Duration::from_secs(2);

fn configured() -> Option<i64> {
    let jobs = std::env::var("TENANTRY_JOBS").ok()?;
    Some(jobs.parse().expect("a number"))
}

each_database! {
    async fn organizations_take_turns(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(3).await;
        let process = fixture.process().await;
        for n in 1..=3 {
            process.enqueue_many(n, 40).await;
        }
        let mut served = Vec::new();
        let mut last = Uuid::nil();
        for _ in 0..3 {
            let claimed = process.queue.claim_jobs(NAME, last, 1).await.expect("claimed");
            assert_eq!((claimed.len(), claimed[0].len()), (1, 32));
            last = claimed[0][0].stream;
            served.push(last);
        }
        assert_eq!(served, [1, 2, 3].map(|n| organization(n).uuid()));
        let claimed = process.queue.claim_jobs(NAME, last, 3).await.expect("claimed");
        assert_eq!(claimed, Vec::<Vec<_>>::new(), "one batch of each is in progress");
        fixture.later();
        let claimed = process.queue.claim_jobs(NAME, organization(1).uuid(), 2).await;
        let claimed = claimed.expect("claimed").into_iter().map(|batch| batch[0].stream);
        assert!(claimed.eq([2, 3].map(|n| organization(n).uuid())), "those behind the first");
    }

    async fn two_processes_that_claim_at_once_get_no_job_twice(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(1).await;
        let failpoints = Arc::new(TestFailpoints::default());
        let slow = fixture.process_with_failpoints(Arc::clone(&failpoints) as _).await;
        let quick = fixture.process().await;
        quick.enqueue_many(1, 80).await;
        let claiming = failpoints.close("jobs.claiming");
        let quick_claims = async {
            claiming.reached(1).await;
            let mut claim = Box::pin(quick.queue.claim_jobs(NAME, Uuid::nil(), 4));
            // It waits for the other; if it did not, it would be done before the other goes on.
            tokio::select! {
                claimed = &mut claim => { claiming.open(); claimed }
                () = sleep(Duration::from_millis(300)) => { claiming.open(); claim.await }
            }
        };
        let (one, other) = tokio::join!(slow.queue.claim_jobs(NAME, Uuid::nil(), 4), quick_claims);
        let batches = [one.expect("claimed"), other.expect("claimed")].concat();
        assert_eq!(batches.len(), 1, "an organization has one batch in progress");
    }

    async fn several_processes_do_each_job_once(db: TestDatabase) {
        let fixture = Fixture::in_real_time(db).await.with_organizations(6).await;
        let (one, two) = (fixture.process().await, fixture.process().await);
        for process in [&one, &two] {
            process.bus.handle::<LeaveMark>(Marker::new());
        }
        let dispatchers = [one.dispatch(), two.dispatch()];
        for n in 1..=6 {
            one.enqueue_many(n, 50).await;
        }
        fixture.until_done(NAME).await;
        for dispatcher in dispatchers {
            dispatcher.stop(Duration::from_secs(30)).await;
        }
        let marks = fixture.marks(NAME).await;
        assert_eq!(marks.len(), 300);
        let marks: BTreeSet<_> = marks.into_iter().map(|mark| (mark.stream, mark.number)).collect();
        assert_eq!(marks.len(), 300, "each once");
    }

    async fn many_jobs_of_one_organization_do_not_starve_another(db: TestDatabase) {
        let many = configured().unwrap_or(400);
        let fixture = Fixture::in_real_time(db).await.with_organizations(2).await;
        let writer = fixture.dying().await;
        for _ in 0..many / 100 {
            writer.enqueue_many(1, 100).await;
        }
        let process = fixture.process().await;
        process.bus.handle::<LeaveMark>(Marker::new());
        let dispatcher = process.dispatch();
        while fixture.done_in(1).await == 0 {
            sleep(Duration::from_millis(10)).await;
        }
        let enqueued = Instant::now();
        process.enqueue(2, LeaveMark { number: 0 }).await;
        while fixture.done_in(2).await == 0 {
            sleep(Duration::from_millis(10)).await;
        }
        let waited = enqueued.elapsed();
        let left = process.job_backlog().await.due;
        assert!(left > 0, "the others are not done");
        println!("{:?}: a job beside {many} waited {waited:?}; {left} were left", fixture.raw.backend());
        assert!(configured().is_none() || waited < WAITS_LESS_THAN, "{waited:?}");
        fixture.until_done(NAME).await;
        assert_eq!(fixture.done_in(1).await as i64, many / 100 * 100);
        dispatcher.stop(Duration::from_secs(30)).await;
    }
}
