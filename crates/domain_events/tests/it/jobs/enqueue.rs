//! What is committed, when it is due, and what a handler sees.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::TimeDelta;
use tenantry_core::{
    access::{ActedBy, Role},
    clock::Clock as _,
    id::UserId,
    job::NewJob,
};
use tenantry_domain_events::{JobContext, JobHandler, ListenerError};
use tenantry_testkit::each_database;

use super::support::{LeaveMark, Marker, insert};
use crate::support::{Fixture, LeaveMarks, NONE, mark, organization, user};

/// Counts the marks that the handler of each job can see.
#[derive(Clone, Default)]
struct Looker {
    seen: Arc<Mutex<Vec<(u64, UserId, Role)>>>,
    recorded_by: Arc<Mutex<Vec<ActedBy>>>,
}

#[async_trait]
impl JobHandler<LeaveMark> for Looker {
    async fn run(&self, _: LeaveMark, context: &mut JobContext) -> Result<(), ListenerError> {
        let ours = context.tenant_context().clone();
        let grant = ours.require::<LeaveMarks>()?;
        let rows = context.work().tenant(&grant).await?;
        let marks = rows.find::<mark::Entity>().count().await?;
        self.seen
            .lock()
            .expect("not poisoned")
            .push((marks, ours.user(), ours.role()));
        let by = ours.actor().by.clone();
        self.recorded_by.lock().expect("not poisoned").push(by);
        Ok(())
    }
}

each_database! {
    async fn a_job_is_committed_with_its_unit_of_work_or_not_at_all(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(1).await;
        let process = fixture.process().await;
        process.bus.handle::<LeaveMark>(Marker::new());
        let (mut work, grant) = process.begin(1);
        insert(&mut work, &grant, 5).await.expect("inserted");
        work.enqueue(&grant, LeaveMark { number: 6 });
        drop(work);
        process.drain().await;
        assert_eq!(fixture.done().await, NONE);
        assert_eq!((fixture.left().await, fixture.stored().await), (0, 0));

        let (mut work, grant) = process.begin(1);
        insert(&mut work, &grant, 5).await.expect("inserted");
        work.enqueue(&grant, LeaveMark { number: 6 });
        work.commit().await.expect("committed");
        assert_eq!(fixture.done().await, [5], "not before the commit");
        process.drain().await;
        assert_eq!(fixture.done().await, [5, 6]);
        assert_eq!((fixture.left().await, fixture.stored().await), (0, 0), "nothing is left of it");
        process.drain().await;
        assert_eq!(fixture.done().await, [5, 6]);
    }

    async fn a_single_insert_and_a_job_are_committed_together(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(1).await;
        let process = fixture.process().await;
        process.bus.handle::<LeaveMark>(Marker::new());
        let (mut work, grant) = process.begin(1);
        let row = mark::ActiveModel {
            id: tenantry_core::orm::Set(work.runtime().new_id()),
            listener: tenantry_core::orm::Set("test.insert".to_owned()),
            number: tenantry_core::orm::Set(1),
            ..Default::default()
        };
        work.insert::<mark::Entity>(&grant, row).await.expect("inserted");
        work.record(&crate::support::process::deleted(organization(1)));
        work.enqueue(&grant, LeaveMark { number: 2 });
        work.commit().await.expect("committed");
        process.drain().await;
        assert_eq!(fixture.numbers("test.insert").await, [1]);
        assert_eq!(fixture.done().await, [2]);
    }

    async fn a_job_is_due_at_its_time(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(1).await;
        let process = fixture.process().await;
        process.bus.handle::<LeaveMark>(Marker::new());
        let now = fixture.clock.now();
        let at = |number, at| NewJob::of(&LeaveMark { number }).at(at);
        process.enqueue(1, at(1, now + TimeDelta::hours(2))).await;
        process.enqueue(1, at(2, now + TimeDelta::hours(1))).await;
        process.enqueue(1, at(3, now - TimeDelta::hours(1))).await;
        process.drain().await;
        assert_eq!(fixture.done().await, [3], "a time that has passed is now");
        let backlog = process.job_backlog().await;
        assert_eq!((backlog.scheduled, backlog.due, backlog.oldest), (2, 0, None));
        fixture.clock.advance(TimeDelta::minutes(61));
        process.drain().await;
        assert_eq!(fixture.done().await, [3, 2]);
        fixture.clock.advance(TimeDelta::minutes(60));
        process.drain().await;
        assert_eq!(fixture.done().await, [3, 2, 1]);
    }

    async fn one_job_of_a_key_waits_in_each_organization(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(2).await;
        let process = fixture.process().await;
        process.bus.handle::<LeaveMark>(Marker::new());
        let keyed = |number, key| NewJob::of(&LeaveMark { number }).unique(key);
        process.enqueue(1, keyed(1, "reminder:a")).await;
        process.enqueue(1, keyed(2, "reminder:a")).await;
        process.enqueue(1, keyed(3, "reminder:b")).await;
        process.enqueue(2, keyed(4, "reminder:a")).await;
        process.enqueue(1, LeaveMark { number: 5 }).await;
        process.enqueue(1, LeaveMark { number: 5 }).await;
        let (mut work, grant) = process.begin(1);
        work.enqueue(&grant, keyed(6, "reminder:c"));
        work.enqueue(&grant, keyed(7, "reminder:c"));
        work.commit().await.expect("committed");
        process.drain().await;
        let mut done = fixture.done().await;
        done.sort_unstable();
        assert_eq!(done, [1, 3, 4, 5, 5, 6]);
        assert_eq!(fixture.stored().await, 0, "nothing is stored of a job that is another");
        process.enqueue(1, keyed(8, "reminder:a")).await;
        process.drain().await;
        assert_eq!(fixture.done().await.last(), Some(&8), "a job that is done does not wait");
    }

    async fn the_queue_holds_nothing_of_what_a_job_holds(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(1).await;
        let process = fixture.process().await;
        let job = NewJob::of(&LeaveMark { number: 4711 }).unique("ada@example.com");
        process.enqueue(1, job).await;
        let queue = fixture.raw.query("SELECT * FROM event_deliveries").await;
        let queue = serde_json::to_string(&queue).expect("rows");
        assert!(queue.contains("test.leave_mark"), "{queue}");
        assert!(!queue.contains("4711") && !queue.contains("ada"), "{queue}");
    }

    async fn a_handler_gets_the_context_of_its_organization_alone(db: TestDatabase) {
        let fixture = Fixture::new(db).await.with_organizations(2).await;
        let process = fixture.process().await;
        let looker = Looker::default();
        process.bus.handle::<LeaveMark>(looker.clone());
        for (n, marks) in [(1, 3), (2, 5)] {
            let (mut work, grant) = process.begin(n);
            for number in 0..marks {
                insert(&mut work, &grant, number).await.expect("inserted");
            }
            work.enqueue(&grant, LeaveMark { number: 0 });
            work.commit().await.expect("committed");
        }
        process.drain().await;
        let mut seen = looker.seen.lock().expect("not poisoned").clone();
        seen.sort_by_key(|(marks, ..)| *marks);
        // On behalf of the user who enqueued it.
        assert_eq!(seen, [(3, user(7), Role::Owner), (5, user(7), Role::Owner)]);
        let by = looker.recorded_by.lock().expect("not poisoned").clone();
        assert_eq!(by, [ActedBy::System, ActedBy::System]);
    }
}
