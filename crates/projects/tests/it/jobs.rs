//! The nightly archiving of projects that did not change for a while.

use std::time::Duration;

use chrono::TimeDelta;
use tenantry_core::access::ActedBy;
use tenantry_domain_events::Dispatcher;
use tenantry_projects::{Project, ProjectStatus, events::BulkStatusChanged, handle_jobs};
use tenantry_testkit::each_database;

use crate::fixture::{Fixture, with_status};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Does what is due.
async fn drain(fixture: &Fixture) {
    let world = &fixture.world;
    Dispatcher::drain(world.events.bus(), &world.queue).await;
}

/// A project of ours that is active.
async fn active(fixture: &Fixture, name: &str) -> Project {
    let project = fixture.create(&fixture.member, name).await;
    let active = fixture
        .update(project.id, with_status(ProjectStatus::Active))
        .await;
    active.expect("active")
}

each_database! {
    async fn active_projects_that_did_not_change_are_archived_at_night(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        handle_jobs(fixture.world.events.bus(), Some(30 * DAY));
        let idle = active(&fixture, "Idle").await;
        let draft = fixture.create(&fixture.member, "Draft").await;
        let theirs = fixture.create(&fixture.stranger, "Theirs").await;
        drain(&fixture).await;
        fixture.world.clock.advance(TimeDelta::days(30));
        let busy = active(&fixture, "Busy").await;
        drain(&fixture).await;
        assert_eq!(fixture.get(idle.id).await.status, ProjectStatus::Active, "not for 30 days");
        // The next night.
        fixture.world.clock.advance(TimeDelta::days(1));
        drain(&fixture).await;
        let archived = fixture.get(idle.id).await;
        assert_eq!(archived.status, ProjectStatus::Archived);
        assert_eq!(archived.version, idle.version + 1);
        assert_eq!(fixture.get(busy.id).await, busy);
        assert_eq!(fixture.get(draft.id).await, draft);
        let stays = fixture.projects.get(&fixture.stranger, theirs.id).await;
        assert_eq!(stays.expect("theirs"), theirs);
        let recorded = fixture.world.events.of::<BulkStatusChanged>();
        assert_eq!(recorded, [BulkStatusChanged {
            organization_id: fixture.member.organization(),
            project_ids: vec![idle.id],
            status: "archived".to_owned(),
        }]);
        let envelopes = fixture.world.events.published();
        let envelope = envelopes.last().expect("recorded");
        assert_eq!((envelope.actor_id, envelope.details.by.clone()), (None, Some(ActedBy::System)));
    }

    async fn more_projects_than_one_job_takes_are_archived_by_further_jobs(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        handle_jobs(fixture.world.events.bus(), Some(DAY));
        for n in 0..230 {
            fixture.our_project(&format!("P{n:03}")).await;
        }
        fixture.their_project("Theirs").await;
        fixture.world.raw.execute("UPDATE projects SET status = 'active'").await;
        drain(&fixture).await;
        fixture.world.clock.advance(TimeDelta::days(2));
        drain(&fixture).await;
        let left = "SELECT count(*) AS n FROM projects WHERE status = 'active'";
        assert_eq!(fixture.world.raw.number(left).await, 0);
        let recorded = fixture.world.events.of::<BulkStatusChanged>();
        let mut ours: Vec<_> = recorded.iter()
            .filter(|event| event.organization_id == fixture.member.organization())
            .map(|event| event.project_ids.len())
            .collect();
        ours.sort_unstable();
        assert_eq!(ours, [30, 100, 100]);
        assert_eq!(recorded.len(), 4, "and one of theirs");
    }

    async fn nothing_is_archived_without_the_setting(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        handle_jobs(fixture.world.events.bus(), None);
        let idle = active(&fixture, "Idle").await;
        drain(&fixture).await;
        fixture.world.clock.advance(TimeDelta::days(3650));
        drain(&fixture).await;
        assert_eq!(fixture.get(idle.id).await, idle);
        assert_eq!(fixture.world.queue.job_backlog().await.expect("queried"), []);
    }
}
