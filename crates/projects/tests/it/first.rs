//! The first project of an organization, where the operator wants one.

use tenantry_core::access::Actor;
use tenantry_domain_events::events::{
    organizations::OrganizationCreated,
    projects::{ProjectCreated, ProjectDeleted},
};
use tenantry_testkit::each_database;

use crate::stage::Stage;

async fn made(stage: &Stage) {
    let mut work = stage.world.database.begin(Actor::system());
    work.record(&OrganizationCreated {
        organization_id: stage.member.organization(),
        name: "Ours".parse().expect("valid"),
        created_by_user_id: stage.member.user(),
    });
    work.commit().await.expect("committed");
}

each_database! {
    async fn a_new_organization_begins_with_the_project_that_the_operator_wants(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let name = "Getting started".parse().expect("valid");
        tenantry_projects::subscribe(stage.world.events.bus(), Some(name));
        made(&stage).await;
        let listed = stage.projects.list(&stage.viewer, &Default::default()).await;
        let listed = listed.expect("listed").items;
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].name.as_str(), "Getting started");
        let told = stage.world.events.of::<ProjectCreated>();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].created_by_user_id, stage.member.user());
        assert_eq!(stage.world.events.of::<ProjectDeleted>(), []);
        let theirs = stage.projects.list(&stage.stranger, &Default::default()).await;
        assert_eq!(theirs.expect("listed").items, []);
    }

    async fn without_a_name_for_it_there_is_none(db: TestDatabase) {
        let stage = Stage::set(db).await;
        tenantry_projects::subscribe(stage.world.events.bus(), None);
        made(&stage).await;
        let listed = stage.projects.list(&stage.viewer, &Default::default()).await;
        assert_eq!(listed.expect("listed").items, []);
        assert!(stage.world.queue.backlog().await.expect("asked").is_empty());
    }
}
