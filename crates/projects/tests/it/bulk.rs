//! Bulk changes apply to all projects or to none.

use std::collections::BTreeSet;

use tenantry_projects::{ProjectError, ProjectStatus};
use tenantry_testkit::each_database;

use crate::fixture::{Fixture, uuids};

each_database! {
    async fn all_projects_change_together(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let apollo = fixture.our_project("Apollo").await;
        let gemini = fixture.our_project("Gemini").await;
        let other = fixture.our_project("Other").await;
        let moved = fixture.set_status([apollo, gemini], ProjectStatus::Active).await.expect("moved");
        let ids: BTreeSet<_> = uuids(&moved).into_iter().collect();
        assert_eq!(ids, BTreeSet::from([apollo.uuid(), gemini.uuid()]));
        for id in [apollo, gemini] {
            let project = fixture.get(id).await;
            assert_eq!((project.status, project.version), (ProjectStatus::Active, 2));
            assert!(moved.contains(&project), "as it is now");
        }
        let other = fixture.get(other).await;
        assert_eq!((other.status, other.version), (ProjectStatus::Draft, 1));
    }

    async fn one_foreign_or_unknown_id_fails_the_whole_change(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let apollo = fixture.our_project("Apollo").await;
        let gemini = fixture.our_project("Gemini").await;
        let foreign = fixture.their_project("Secret Project").await;
        let mut answers = Vec::new();
        for bad in [foreign, fixture.no_project()] {
            for ids in [[bad, apollo, gemini], [apollo, bad, gemini], [apollo, gemini, bad]] {
                let refusal = fixture.assert_unchanged(fixture.set_status(ids, ProjectStatus::Active));
                let refusal = refusal.await.expect_err("one of them is not ours");
                assert!(matches!(refusal, ProjectError::NotFound), "{refusal:?}");
                answers.push(format!("{refusal:?} {refusal}"));
            }
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "a foreign id is answered like a random one");
    }

    async fn a_duplicate_id_counts_once(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let apollo = fixture.our_project("Apollo").await;
        let moved = fixture.set_status([apollo, apollo, apollo], ProjectStatus::Active).await;
        assert_eq!(uuids(&moved.expect("moved")), [apollo.uuid()]);
        assert_eq!(fixture.get(apollo).await.version, 2);
        assert_eq!(fixture.world.events.names(), ["projects.bulk_status_changed"]);
    }

    async fn what_has_the_status_is_neither_written_nor_recorded(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let apollo = fixture.our_project("Apollo").await;
        let gemini = fixture.our_project("Gemini").await;
        fixture.set_status([apollo], ProjectStatus::Active).await.expect("moved");
        let recorded = fixture.world.events.names().len();
        let before = fixture.all().await;
        let same = fixture.set_status([apollo], ProjectStatus::Active).await;
        assert_eq!(same.expect("nothing to do"), [fixture.get(apollo).await]);
        assert_eq!(fixture.all().await, before);
        assert_eq!(fixture.world.events.names().len(), recorded);

        let moved = fixture.set_status([apollo, gemini], ProjectStatus::Active).await.expect("moved");
        let ids: BTreeSet<_> = uuids(&moved).into_iter().collect();
        assert_eq!(ids, BTreeSet::from([apollo.uuid(), gemini.uuid()]));
        for (id, version) in [(apollo, 2), (gemini, 2)] {
            let project = fixture.get(id).await;
            assert_eq!((project.status, project.version), (ProjectStatus::Active, version));
            assert!(moved.contains(&project), "as it is now");
        }
        assert_eq!(fixture.world.events.names().len(), recorded + 1);
    }

    async fn no_ids_change_nothing(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        fixture.our_project("Apollo").await;
        let moved = fixture.assert_unchanged(fixture.set_status([], ProjectStatus::Active)).await;
        assert_eq!(moved.expect("nothing"), []);
    }

    async fn a_hundred_projects_change_in_one_call(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let mut ids = Vec::new();
        for n in 0..100 {
            ids.push(fixture.our_project(&format!("Project {n}")).await);
        }
        let moved = fixture.set_status(ids, ProjectStatus::Archived).await.expect("moved");
        assert_eq!(moved.len(), 100);
        assert_eq!(fixture.world.events.names(), ["projects.bulk_status_changed"]);
        let entries = "SELECT count(*) AS n FROM event_log WHERE name LIKE 'projects.%'";
        assert_eq!(fixture.world.raw.number(entries).await, 1);
    }
}
