//! Viewers read, members write.

use tenantry_core::{access::Role, error::DomainError as _, version::Precondition};
use tenantry_projects::{BulkStatus, ProjectError, ProjectId, ProjectQuery, ProjectStatus};
use tenantry_testkit::each_database;

use crate::stage::{Stage, moving, new, renaming};

/// What every method that writes answers to a viewer.
async fn writes(stage: &Stage, id: ProjectId) -> Vec<Option<ProjectError>> {
    let (projects, viewer) = (&stage.projects, &stage.viewer);
    let update = |change| projects.update(viewer, id, change, Precondition::None);
    let bulk = BulkStatus {
        ids: vec![id],
        status: ProjectStatus::Active,
    };
    vec![
        projects.create(viewer, new("Apollo")).await.err(),
        update(renaming("Apollo")).await.err(),
        update(moving(ProjectStatus::Active)).await.err(),
        update(Default::default()).await.err(),
        projects.delete(viewer, id, Precondition::Any).await.err(),
        projects.set_status(viewer, bulk).await.err(),
    ]
}

each_database! {
    async fn a_viewer_reads(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let id = stage.our_project("Apollo").await;
        assert_eq!(stage.projects.get(&stage.viewer, id).await.expect("read").id, id);
        assert_eq!(stage.names(&ProjectQuery::default()).await, ["Apollo"]);
    }

    async fn a_viewer_writes_nothing_whatever_id_he_names(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let ids = [
            stage.our_project("Apollo").await,
            stage.their_project("Secret Project").await,
            stage.no_project(),
        ];
        stage.changing_nothing(async {
            for id in ids {
                for (n, refusal) in writes(&stage, id).await.into_iter().enumerate() {
                    let code = refusal.as_ref().map(|refusal| refusal.code());
                    assert_eq!(code, Some("permission_denied"), "{n}: {refusal:?}");
                }
            }
        })
        .await;
    }

    async fn everybody_above_a_viewer_writes(db: TestDatabase) {
        let stage = Stage::set(db).await;
        for role in [Role::Member, Role::Admin, Role::Owner] {
            let ctx = stage.world.member(stage.member.organization(), role).await;
            let id = stage.create(&ctx, "Apollo").await.id;
            let projects = &stage.projects;
            let anyhow = Precondition::None;
            projects.update(&ctx, id, renaming("Gemini"), anyhow.clone()).await.expect("updated");
            let bulk = BulkStatus { ids: vec![id], status: ProjectStatus::Active };
            projects.set_status(&ctx, bulk).await.expect("moved");
            projects.delete(&ctx, id, anyhow).await.expect("deleted");
        }
    }
}
