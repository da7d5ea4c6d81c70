//! Viewers read, members write.

use tenantry_core::{access::Role, error::DomainError as _, version::Precondition};
use tenantry_projects::{BulkStatus, ProjectError, ProjectId, ProjectQuery, ProjectStatus};
use tenantry_testkit::each_database;

use crate::fixture::{Fixture, new, renaming, with_status};

/// The error of every writing method for a viewer.
async fn writes(fixture: &Fixture, id: ProjectId) -> Vec<Option<ProjectError>> {
    let (projects, viewer) = (&fixture.projects, &fixture.viewer);
    let update = |change| projects.update(viewer, id, change, Precondition::None);
    let bulk = BulkStatus {
        ids: vec![id],
        status: ProjectStatus::Active,
    };
    vec![
        projects.create(viewer, new("Apollo")).await.err(),
        update(renaming("Apollo")).await.err(),
        update(with_status(ProjectStatus::Active)).await.err(),
        update(Default::default()).await.err(),
        projects.delete(viewer, id, Precondition::Any).await.err(),
        projects.set_status(viewer, bulk).await.err(),
    ]
}

each_database! {
    async fn a_viewer_reads(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let id = fixture.our_project("Apollo").await;
        assert_eq!(fixture.projects.get(&fixture.viewer, id).await.expect("read").id, id);
        assert_eq!(fixture.names(&ProjectQuery::default()).await, ["Apollo"]);
    }

    async fn a_viewer_writes_nothing(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let ids = [
            fixture.our_project("Apollo").await,
            fixture.their_project("Secret Project").await,
            fixture.no_project(),
        ];
        fixture.assert_unchanged(async {
            for id in ids {
                for (n, refusal) in writes(&fixture, id).await.into_iter().enumerate() {
                    let code = refusal.as_ref().map(|refusal| refusal.code());
                    assert_eq!(code, Some("permission_denied"), "{n}: {refusal:?}");
                }
            }
        })
        .await;
    }

    async fn every_higher_role_writes(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        for role in [Role::Member, Role::Admin, Role::Owner] {
            let ctx = fixture.world.member(fixture.member.organization(), role).await;
            let id = fixture.create(&ctx, "Apollo").await.id;
            let projects = &fixture.projects;
            let any = Precondition::None;
            projects.update(&ctx, id, renaming("Gemini"), any.clone()).await.expect("updated");
            let bulk = BulkStatus { ids: vec![id], status: ProjectStatus::Active };
            projects.set_status(&ctx, bulk).await.expect("moved");
            projects.delete(&ctx, id, any).await.expect("deleted");
        }
    }
}
