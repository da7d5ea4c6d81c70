//! The configured first project of an organization.

use tenantry_core::access::Actor;
use tenantry_domain_events::events::organizations::OrganizationCreated;
use tenantry_projects::events::{ProjectCreated, ProjectDeleted};
use tenantry_testkit::each_database;

use crate::fixture::Fixture;

async fn organization_created(fixture: &Fixture) {
    let mut work = fixture.world.database.begin(Actor::system());
    work.record(&OrganizationCreated {
        organization_id: fixture.member.organization(),
        name: "Ours".parse().expect("valid"),
        created_by_user_id: fixture.member.user(),
    });
    work.commit().await.expect("committed");
}

each_database! {
    async fn a_new_organization_gets_the_configured_first_project(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let name = "Getting started".parse().expect("valid");
        tenantry_projects::subscribe(fixture.world.events.bus(), Some(name));
        organization_created(&fixture).await;
        let listed = fixture.projects.list(&fixture.viewer, &Default::default()).await;
        let listed = listed.expect("listed").items;
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].name.as_str(), "Getting started");
        let recorded = fixture.world.events.of::<ProjectCreated>();
        assert_eq!(recorded.len(), 1);
        assert_eq!(recorded[0].created_by_user_id, fixture.member.user());
        assert_eq!(fixture.world.events.of::<ProjectDeleted>(), []);
        let theirs = fixture.projects.list(&fixture.stranger, &Default::default()).await;
        assert_eq!(theirs.expect("listed").items, []);
    }

    async fn without_a_configured_name_there_is_no_first_project(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        tenantry_projects::subscribe(fixture.world.events.bus(), None);
        organization_created(&fixture).await;
        let listed = fixture.projects.list(&fixture.viewer, &Default::default()).await;
        assert_eq!(listed.expect("listed").items, []);
        assert!(fixture.world.queue.backlog().await.expect("queried").is_empty());
    }
}
