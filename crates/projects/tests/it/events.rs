//! Each change is recorded once, and a refused one is not.

use serde_json::{Value, json};
use tenantry_core::{
    access::{Actor, Role},
    id::Uuid,
    value::Name,
    version::Precondition,
};
use tenantry_projects::events::{
    BulkStatusChanged, ProjectCreated, ProjectDeleted, ProjectStatusChanged, ProjectUpdated,
};
use tenantry_projects::{ProjectChange, ProjectError, ProjectStatus};
use tenantry_testkit::each_database;

use crate::fixture::{Fixture, new, renaming, with_status};

each_database! {
    async fn a_creation_is_recorded_once(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let project = fixture.create(&fixture.member, "Apollo").await;
        assert_eq!(fixture.world.events.names(), ["projects.project_created"]);
        let expected = ProjectCreated {
            organization_id: fixture.member.organization(),
            project_id: project.id,
            name: project.name,
            created_by_user_id: fixture.member.user(),
        };
        assert_eq!(fixture.world.events.of::<ProjectCreated>(), [expected]);
    }

    async fn an_update_records_what_changed(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let organization_id = fixture.member.organization();
        let project_id = fixture.our_project("Apollo").await;
        fixture.update(project_id, renaming("Gemini")).await.expect("updated");
        assert_eq!(fixture.world.events.names(), ["projects.project_updated"]);
        let described = ProjectChange {
            description: Some("Another".parse().expect("valid")),
            ..Default::default()
        };
        fixture.update(project_id, described).await.expect("updated");
        fixture.update(project_id, with_status(ProjectStatus::Active)).await.expect("updated");
        let both = ProjectChange { status: Some(ProjectStatus::Archived), ..renaming("Mercury") };
        fixture.update(project_id, both).await.expect("updated");
        assert_eq!(
            fixture.world.events.names(),
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
            fixture.world.events.of::<ProjectUpdated>(),
            [updated("Gemini"), updated("Gemini"), updated("Mercury")]
        );
        let moved = |status: &str| {
            let status = status.to_owned();
            ProjectStatusChanged { organization_id, project_id, status }
        };
        assert_eq!(
            fixture.world.events.of::<ProjectStatusChanged>(),
            [moved("active"), moved("archived")]
        );
    }

    async fn what_a_project_has_already_is_neither_written_nor_recorded(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let id = fixture.our_project("Apollo").await;
        let project = fixture.get(id).await;
        let same = || ProjectChange {
            description: Some(project.description.clone()),
            status: Some(project.status),
            ..renaming("Apollo")
        };
        let unchanged = fixture.assert_unchanged(fixture.update(id, same())).await;
        assert_eq!(unchanged.expect("nothing to do"), project);
        let stale = Precondition::OneOf(vec![7]);
        let refused = fixture.projects.update(&fixture.member, id, same(), stale);
        let refused = fixture.assert_unchanged(refused).await;
        assert!(matches!(refused, Err(ProjectError::Stale)), "{refused:?}");
        // Of several values, those that differ are recorded.
        let archived = ProjectChange { status: Some(ProjectStatus::Archived), ..same() };
        fixture.update(id, archived).await.expect("updated");
        assert_eq!(fixture.world.events.names(), ["projects.project_status_changed"]);
    }

    async fn a_deletion_is_recorded_once(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let project_id = fixture.our_project("Apollo").await;
        fixture.delete(project_id).await.expect("deleted");
        fixture.delete(project_id).await.expect_err("gone already");
        assert_eq!(fixture.world.events.names(), ["projects.project_deleted"]);
        let organization_id = fixture.member.organization();
        let expected = ProjectDeleted { organization_id, project_id };
        assert_eq!(fixture.world.events.of::<ProjectDeleted>(), [expected]);
    }

    async fn a_bulk_change_is_one_event_with_each_changed_project(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let ids = [fixture.our_project("Apollo").await, fixture.our_project("Gemini").await];
        let same = fixture.our_project("Mercury").await;
        fixture.update(same, with_status(ProjectStatus::Active)).await.expect("updated");
        fixture.set_status([ids[0], same, ids[1]], ProjectStatus::Active).await.expect("moved");
        let mut project_ids = ids.to_vec();
        project_ids.sort();
        let expected = BulkStatusChanged {
            organization_id: fixture.member.organization(),
            project_ids,
            status: "active".to_owned(),
        };
        assert_eq!(fixture.world.events.of::<BulkStatusChanged>(), [expected]);
        assert_eq!(fixture.world.events.of::<ProjectStatusChanged>().len(), 1, "the single one");
        let recorded = fixture.world.events.published();
        let changes = json!(recorded.last().expect("the bulk change").details.changes);
        assert_eq!(changes, json!({"status": {"from": "draft", "to": "active"}}));
    }

    async fn a_bulk_change_keeps_the_former_status_of_each_project(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let draft = fixture.our_project("Apollo").await;
        let active = fixture.our_project("Gemini").await;
        fixture.update(active, with_status(ProjectStatus::Active)).await.expect("updated");
        fixture.set_status([draft, active], ProjectStatus::Archived).await.expect("moved");
        let recorded = fixture.world.events.published();
        let changes = json!(recorded.last().expect("the bulk change").details.changes);
        let former = json!({"active": [active.uuid()], "draft": [draft.uuid()]});
        assert_eq!(changes, json!({"status": {"from": former, "to": "archived"}}));
    }

    async fn reading_records_nothing(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let id = fixture.our_project("Apollo").await;
        fixture.assert_unchanged(async {
            fixture.get(id).await;
            fixture.list(&Default::default()).await;
        })
        .await;
    }

    async fn an_event_has_its_actor_and_request(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let request = Uuid::from_u128(9);
        let actor = Actor { request: Some(request), ..Actor::system() };
        let (organization, user) = (fixture.member.organization(), fixture.member.user());
        let ctx = fixture.world.issuer.tenant(organization, user, Role::Member, actor);
        fixture.projects.create(&ctx, new("Apollo")).await.expect("created");
        let recorded = fixture.world.events.published();
        assert_eq!(recorded[0].organization_id, Some(organization));
        assert_eq!((recorded[0].actor_id, recorded[0].request_id), (Some(user), Some(request)));
    }
}

/// Stored events are read in this form.
#[test]
fn events_are_written_as_before() {
    let organization_id = Uuid::from_u128(3).into();
    let project_id = Uuid::from_u128(4).into();
    let (organization, project) = (Uuid::from_u128(3), Uuid::from_u128(4));
    let name = "Apollo".parse::<Name>().expect("valid");
    let created = ProjectCreated {
        organization_id,
        project_id,
        name: name.clone(),
        created_by_user_id: Uuid::from_u128(7).into(),
    };
    let updated = ProjectUpdated {
        organization_id,
        project_id,
        name,
    };
    let moved = ProjectStatusChanged {
        organization_id,
        project_id,
        status: "active".to_owned(),
    };
    let bulk = BulkStatusChanged {
        organization_id,
        project_ids: vec![project_id],
        status: "active".to_owned(),
    };
    let deleted = ProjectDeleted {
        organization_id,
        project_id,
    };
    let ids = json!({"organization_id": organization, "project_id": project});
    let with = |name: &str, value: Value| {
        let mut payload = ids.clone();
        payload[name] = value;
        payload
    };
    let mut first = with("name", json!("Apollo"));
    first["created_by_user_id"] = json!(Uuid::from_u128(7));
    assert_eq!(json!(created), first);
    assert_eq!(json!(updated), with("name", json!("Apollo")));
    assert_eq!(json!(moved), with("status", json!("active")));
    let several = json!({
        "organization_id": organization, "project_ids": [project], "status": "active",
    });
    assert_eq!(json!(bulk), several);
    assert_eq!(json!(deleted), ids);
}
