//! Each change is told once, and what was refused is not told.

use tenantry_core::{
    access::{Actor, Role},
    id::Uuid,
};
use tenantry_domain_events::events::projects::{
    ProjectCreated, ProjectDeleted, ProjectStatusChanged, ProjectUpdated,
};
use tenantry_projects::{ProjectChange, ProjectStatus};
use tenantry_testkit::each_database;

use crate::stage::{Stage, moving, new, renaming};

each_database! {
    async fn a_creation_is_told_once(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let project = stage.create(&stage.member, "Apollo").await;
        assert_eq!(stage.world.events.names(), ["projects.project_created"]);
        let expected = ProjectCreated {
            organization_id: stage.member.organization(),
            project_id: project.id,
            name: project.name,
            created_by_user_id: stage.member.user(),
        };
        assert_eq!(stage.world.events.of::<ProjectCreated>(), [expected]);
    }

    async fn a_change_is_told_by_what_changed(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let organization_id = stage.member.organization();
        let project_id = stage.our_project("Apollo").await;
        stage.update(project_id, renaming("Gemini")).await.expect("updated");
        assert_eq!(stage.world.events.names(), ["projects.project_updated"]);
        let described = ProjectChange {
            description: Some("Another".parse().expect("valid")),
            ..Default::default()
        };
        stage.update(project_id, described).await.expect("updated");
        stage.update(project_id, moving(ProjectStatus::Active)).await.expect("updated");
        let both = ProjectChange { status: Some(ProjectStatus::Archived), ..renaming("Mercury") };
        stage.update(project_id, both).await.expect("updated");
        assert_eq!(
            stage.world.events.names(),
            [
                "projects.project_updated",
                "projects.project_updated",
                "projects.project_status_changed",
                "projects.project_updated",
                "projects.project_status_changed",
            ]
        );
        let updated = |name: &str| {
            let name = name.parse().expect("valid");
            ProjectUpdated { organization_id, project_id, name }
        };
        assert_eq!(
            stage.world.events.of::<ProjectUpdated>(),
            [updated("Gemini"), updated("Gemini"), updated("Mercury")]
        );
        let moved = |status: &str| {
            let status = status.to_owned();
            ProjectStatusChanged { organization_id, project_id, status }
        };
        assert_eq!(
            stage.world.events.of::<ProjectStatusChanged>(),
            [moved("active"), moved("archived")]
        );
    }

    async fn a_deletion_is_told_once(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let project_id = stage.our_project("Apollo").await;
        stage.delete(project_id).await.expect("deleted");
        stage.delete(project_id).await.expect_err("gone already");
        assert_eq!(stage.world.events.names(), ["projects.project_deleted"]);
        let organization_id = stage.member.organization();
        let expected = ProjectDeleted { organization_id, project_id };
        assert_eq!(stage.world.events.of::<ProjectDeleted>(), [expected]);
    }

    async fn each_project_of_a_bulk_change_is_told_once(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let ids = [stage.our_project("Apollo").await, stage.our_project("Gemini").await];
        stage.set_status(ids, ProjectStatus::Active).await.expect("moved");
        let mut told = stage.world.events.of::<ProjectStatusChanged>();
        told.sort_by_key(|event| event.project_id);
        let mut expected = ids.map(|project_id| ProjectStatusChanged {
            organization_id: stage.member.organization(),
            project_id,
            status: "active".to_owned(),
        });
        expected.sort_by_key(|event| event.project_id);
        assert_eq!(told, expected);
    }

    async fn reading_is_not_told(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let id = stage.our_project("Apollo").await;
        stage.changing_nothing(async {
            stage.get(id).await;
            stage.list(&Default::default()).await;
        })
        .await;
    }

    async fn an_event_says_who_acted_and_in_which_request(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let request = Uuid::from_u128(9);
        let actor = Actor { user: None, request: Some(request) };
        let (organization, user) = (stage.member.organization(), stage.member.user());
        let ctx = stage.world.issuer.tenant(organization, user, Role::Member, actor);
        stage.projects.create(&ctx, new("Apollo")).await.expect("created");
        let told = stage.world.events.told();
        assert_eq!(told[0].organization_id, Some(organization));
        assert_eq!((told[0].actor_id, told[0].request_id), (Some(user), Some(request)));
    }
}
