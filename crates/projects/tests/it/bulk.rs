//! Several projects change together, or none does.

use std::collections::BTreeSet;

use tenantry_projects::{ProjectError, ProjectStatus};
use tenantry_testkit::each_database;

use crate::stage::{Stage, uuids};

each_database! {
    async fn all_projects_move_together(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let apollo = stage.our_project("Apollo").await;
        let gemini = stage.our_project("Gemini").await;
        let other = stage.our_project("Other").await;
        let moved = stage.set_status([apollo, gemini], ProjectStatus::Active).await.expect("moved");
        let ids: BTreeSet<_> = uuids(&moved).into_iter().collect();
        assert_eq!(ids, BTreeSet::from([apollo.uuid(), gemini.uuid()]));
        for id in [apollo, gemini] {
            let project = stage.get(id).await;
            assert_eq!((project.status, project.version), (ProjectStatus::Active, 2));
            assert!(moved.contains(&project), "as it is now");
        }
        let other = stage.get(other).await;
        assert_eq!((other.status, other.version), (ProjectStatus::Draft, 1));
    }

    async fn one_foreign_or_unknown_id_fails_the_lot(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let apollo = stage.our_project("Apollo").await;
        let gemini = stage.our_project("Gemini").await;
        let foreign = stage.their_project("Secret Project").await;
        let mut answers = Vec::new();
        for bad in [foreign, stage.no_project()] {
            for ids in [[bad, apollo, gemini], [apollo, bad, gemini], [apollo, gemini, bad]] {
                let refusal = stage.changing_nothing(stage.set_status(ids, ProjectStatus::Active));
                let refusal = refusal.await.expect_err("one of them is not ours");
                assert!(matches!(refusal, ProjectError::NotFound), "{refusal:?}");
                answers.push(format!("{refusal:?} {refusal}"));
            }
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "a foreign id is answered like a random one");
    }

    async fn an_id_that_is_named_twice_counts_once(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let apollo = stage.our_project("Apollo").await;
        let moved = stage.set_status([apollo, apollo, apollo], ProjectStatus::Active).await;
        assert_eq!(uuids(&moved.expect("moved")), [apollo.uuid()]);
        assert_eq!(stage.get(apollo).await.version, 2);
        assert_eq!(stage.world.events.names(), ["projects.project_status_changed"]);
    }

    async fn no_ids_are_nothing_to_move(db: TestDatabase) {
        let stage = Stage::set(db).await;
        stage.our_project("Apollo").await;
        let moved = stage.changing_nothing(stage.set_status([], ProjectStatus::Active)).await;
        assert_eq!(moved.expect("nothing"), []);
    }

    async fn a_hundred_projects_move_at_once(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let mut ids = Vec::new();
        for n in 0..100 {
            ids.push(stage.our_project(&format!("Project {n}")).await);
        }
        let moved = stage.set_status(ids, ProjectStatus::Archived).await.expect("moved");
        assert_eq!(moved.len(), 100);
        assert_eq!(stage.world.events.told().len(), 100);
    }
}
