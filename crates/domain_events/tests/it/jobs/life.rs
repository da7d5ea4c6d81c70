//! Jobs of organizations that are suspended or deleted.

use std::sync::{Arc, atomic::Ordering};

use tenantry_testkit::each_database;

use super::support::{LeaveMark, Marker};
use crate::support::{Fixture, NONE};

each_database! {
    async fn jobs_of_a_suspended_organization_are_parked_until_it_is_enabled(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(2).await;
        let process = fixture.process().await;
        process.bus.handle::<LeaveMark>(Marker::new());
        process.enqueue(1, LeaveMark { number: 1 }).await;
        process.enqueue(2, LeaveMark { number: 2 }).await;
        fixture.set_active(1, false).await;
        process.drain().await;
        assert_eq!(fixture.done().await, [2]);
        let backlog = process.job_backlog().await;
        assert_eq!((backlog.due, backlog.parked, backlog.oldest), (0, 1, None));
        fixture.set_active(1, true).await;
        assert_eq!(process.job_backlog().await.due, 1);
        process.drain().await;
        assert_eq!(fixture.done().await, [2, 1]);
    }

    async fn jobs_are_gone_with_their_organization(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(2).await;
        let process = fixture.process().await;
        let marker = Marker::new();
        process.bus.handle::<LeaveMark>(marker.clone());
        process.enqueue_many(1, 3).await;
        process.enqueue(2, LeaveMark { number: 9 }).await;
        let (mut work, grant) = process.begin(1);
        assert_eq!(work.discard_jobs(&grant, 2).await.expect("discarded"), 2);
        assert_eq!(work.discard_jobs(&grant, 2).await.expect("discarded"), 1);
        work.commit().await.expect("committed");
        let delete = format!("DELETE FROM organizations WHERE id = {}", fixture.id(1));
        fixture.raw.execute(&delete).await;
        assert_eq!((fixture.left().await, fixture.stored().await), (1, 1), "the other's");
        process.drain().await;
        assert_eq!(fixture.done().await, [9]);
        assert_eq!(marker.calls.load(Ordering::SeqCst), 1);
    }

    async fn a_claimed_job_whose_organization_is_deleted_is_not_done(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(1).await;
        let failpoints = Arc::new(tenantry_testkit::TestFailpoints::default());
        let process = fixture.process_with_failpoints(Arc::clone(&failpoints) as _).await;
        let marker = Marker::new();
        process.bus.handle::<LeaveMark>(marker.clone());
        process.enqueue(1, LeaveMark { number: 1 }).await;
        let claimed = failpoints.close("jobs.claimed");
        let delete = format!("DELETE FROM organizations WHERE id = {}", fixture.id(1));
        tokio::join!(process.drain(), async {
            claimed.reached(1).await;
            fixture.raw.execute(&delete).await;
            claimed.open();
        });
        assert_eq!(marker.calls.load(Ordering::SeqCst), 0);
        assert_eq!(fixture.done().await, NONE);
        assert_eq!(fixture.left().await, 0, "nothing waits for ever");
    }
}
