//! Versions and preconditions.

use chrono::TimeDelta;
use futures_util::future::join;
use tenantry_core::version::Precondition;
use tenantry_projects::{ProjectChange, ProjectError, ProjectStatus};
use tenantry_testkit::each_database;

use crate::fixture::{Fixture, renaming, with_status};

each_database! {
    async fn every_change_increments_the_version_and_sets_the_time(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let created = fixture.create(&fixture.member, "Apollo").await;
        assert_eq!(created.version, 1);
        assert_eq!(created.created_at, fixture.world.runtime().now());
        assert_eq!(created.updated_at, created.created_at);
        for (version, change) in [(2, renaming("Gemini")), (3, with_status(ProjectStatus::Active))] {
            fixture.world.clock.advance(TimeDelta::minutes(1));
            let changed = fixture.update(created.id, change).await.expect("updated");
            assert_eq!(changed.version, version);
            assert_eq!(changed.created_at, created.created_at);
            assert_eq!(changed.updated_at, fixture.world.runtime().now());
            assert_eq!(fixture.get(created.id).await, changed);
        }
    }

    async fn absent_fields_stay_unchanged(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let created = fixture.create(&fixture.member, "Apollo").await;
        let renamed = fixture.update(created.id, renaming("Gemini")).await.expect("updated");
        assert_eq!(renamed.name.as_str(), "Gemini");
        assert_eq!((renamed.description, renamed.status), (created.description, created.status));
    }

    async fn an_empty_change_returns_the_project_as_it_is(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let id = fixture.our_project("Apollo").await;
        let before = fixture.get(id).await;
        let nothing = fixture.assert_unchanged(fixture.update(id, ProjectChange::default())).await;
        assert_eq!(nothing.expect("there is one"), before);
        let nothing = |expected| {
            fixture.projects.update(&fixture.member, id, ProjectChange::default(), expected)
        };
        let current = nothing(Precondition::OneOf(vec![1])).await;
        assert_eq!(current.expect("it is this version"), before);
        let stale = nothing(Precondition::OneOf(vec![2])).await;
        assert!(matches!(stale, Err(ProjectError::Stale)));
    }

    async fn a_write_on_another_version_is_refused(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let id = fixture.our_project("Apollo").await;
        fixture.assert_unchanged(async {
            for versions in [vec![2], vec![0, 3], vec![]] {
                let expected = Precondition::OneOf(versions);
                let change = renaming("Gemini");
                let update = fixture.projects.update(&fixture.member, id, change, expected.clone());
                let refusal = update.await;
                assert!(matches!(refusal, Err(ProjectError::Stale)), "{refusal:?}");
                let refusal = fixture.projects.delete(&fixture.member, id, expected).await;
                assert!(matches!(refusal, Err(ProjectError::Stale)), "{refusal:?}");
            }
        })
        .await;
    }

    async fn a_write_on_the_version_that_was_read_succeeds(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let id = fixture.our_project("Apollo").await;
        let update = |name, expected| {
            fixture.projects.update(&fixture.member, id, renaming(name), expected)
        };
        let expected = Precondition::OneOf;
        assert_eq!(update("One", expected(vec![1])).await.expect("updated").version, 2);
        assert_eq!(update("Two", expected(vec![1, 2])).await.expect("updated").version, 3);
        assert_eq!(update("Three", Precondition::Any).await.expect("updated").version, 4);
        let gone = fixture.projects.delete(&fixture.member, id, Precondition::OneOf(vec![4])).await;
        gone.expect("deleted");
        let gone = fixture.projects.delete(&fixture.member, id, Precondition::OneOf(vec![4])).await;
        assert!(matches!(gone, Err(ProjectError::NotFound)), "{gone:?}");
    }

    async fn of_two_concurrent_writes_on_one_version_one_is_refused(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let id = fixture.our_project("Apollo").await;
        let update = |name| {
            let expected = Precondition::OneOf(vec![1]);
            fixture.projects.update(&fixture.member, id, renaming(name), expected)
        };
        let (one, other) = join(update("One"), update("Other")).await;
        let won = [one.is_ok(), other.is_ok()];
        assert!(won == [true, false] || won == [false, true], "{won:?}");
        let lost = one.err().or(other.err());
        assert!(matches!(lost, Some(ProjectError::Stale)), "{lost:?}");
        assert_eq!(fixture.get(id).await.version, 2);
        assert_eq!(fixture.world.events.published().len(), 1);
    }
}
