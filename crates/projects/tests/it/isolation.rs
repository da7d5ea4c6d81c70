//! A project exists for its own organization only.

use tenantry_core::version::Precondition;
use tenantry_projects::{
    BulkStatus, ProjectChange, ProjectError, ProjectId, ProjectQuery, ProjectStatus,
};
use tenantry_testkit::each_database;

use crate::fixture::{Fixture, names, new, renaming, with_status};

/// The outcome of every method with this id.
async fn answers(fixture: &Fixture, id: ProjectId) -> Vec<String> {
    let ctx = &fixture.member;
    let projects = &fixture.projects;
    let mut answers = vec![observed(projects.get(ctx, id).await)];
    for expected in [
        Precondition::None,
        Precondition::Any,
        Precondition::OneOf(vec![1]),
        Precondition::OneOf(vec![99]),
        Precondition::OneOf(vec![]),
    ] {
        for change in [
            ProjectChange::default(),
            renaming("Mine"),
            with_status(ProjectStatus::Archived),
        ] {
            answers.push(observed(
                projects.update(ctx, id, change, expected.clone()).await,
            ));
        }
        answers.push(observed(projects.delete(ctx, id, expected).await));
    }
    let bulk = BulkStatus {
        ids: vec![id],
        status: ProjectStatus::Archived,
    };
    answers.push(observed(projects.set_status(ctx, bulk).await));
    answers
}

/// Everything a caller can observe of an error.
fn observed<T: std::fmt::Debug>(outcome: Result<T, ProjectError>) -> String {
    use tenantry_core::error::DomainError as _;

    let error = outcome.expect_err("no such project here");
    format!("{error:?} {error} {:?} {}", error.kind(), error.code())
}

each_database! {
    async fn projects_are_isolated_by_organization(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let ours = fixture.create(&fixture.member, "Project A").await;
        let theirs = fixture.create(&fixture.stranger, "Project B").await;
        let all = ProjectQuery::default();
        let listed = fixture.projects.list(&fixture.member, &all).await.expect("a page");
        assert_eq!(listed.items, [ours]);
        let listed = fixture.projects.list(&fixture.stranger, &all).await.expect("a page");
        assert_eq!(listed.items, [theirs]);
    }

    async fn a_project_of_another_organization_cannot_be_read_by_id(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let secret = fixture.their_project("Secret Project").await;
        let refusal = fixture.projects.get(&fixture.member, secret).await;
        assert!(matches!(refusal, Err(ProjectError::NotFound)), "{refusal:?}");
        fixture.projects.get(&fixture.stranger, secret).await.expect("its own organization reads it");
    }

    async fn a_foreign_id_gets_the_same_response_as_a_random_one(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let foreign = fixture.their_project("Secret Project").await;
        let random = fixture.no_project();
        fixture.assert_unchanged(async {
            let to_foreign = answers(&fixture, foreign).await;
            assert_eq!(to_foreign, answers(&fixture, random).await);
            let not_found = |answer: &String| answer.starts_with("NotFound ");
            assert!(to_foreign.iter().all(not_found), "{to_foreign:?}");
        })
        .await;
    }

    async fn a_new_project_belongs_to_the_organization_of_the_context(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let created = fixture.create(&fixture.stranger, "Theirs").await;
        let rows = fixture.all().await;
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0]["organization_id"], fixture.stranger.organization().to_string());
        assert_eq!(rows[0]["id"], created.id.to_string());
    }

    async fn alternating_contexts_see_only_their_own_projects(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        for n in 0..3 {
            fixture.create(&fixture.member, &format!("Ours {n}")).await;
            fixture.create(&fixture.stranger, &format!("Theirs {n}")).await;
        }
        let all = ProjectQuery::default();
        for _ in 0..4 {
            for (ctx, whose) in [(&fixture.member, "Ours"), (&fixture.stranger, "Theirs")] {
                let listed = fixture.projects.list(ctx, &all).await.expect("a page");
                let listed = names(listed.items);
                assert_eq!(listed.len(), 3);
                assert!(listed.iter().all(|name| name.starts_with(whose)), "{listed:?}");
            }
        }
    }

    async fn no_filter_finds_projects_of_another_organization(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        fixture.their_project("Secret Project").await;
        let searches = [None, Some("secret"), Some("%"), Some("_"), Some(""), Some("' OR 1=1 --")];
        for search in searches {
            for status in [None, Some(ProjectStatus::Draft), Some(ProjectStatus::Active)] {
                let search = search.map(str::to_owned);
                let query = ProjectQuery { search, status, ..Default::default() };
                assert_eq!(fixture.names(&query).await, [""; 0], "{query:?}");
            }
        }
    }

    async fn every_change_leaves_other_organizations_unchanged(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        for name in ["Apollo", "Gemini"] {
            fixture.their_project(name).await;
        }
        let before = fixture.all_of_theirs().await;
        assert_eq!(before.len(), 2);
        let apollo = fixture.create(&fixture.member, "Apollo").await.id;
        let gemini = fixture.projects.create(&fixture.member, new("Gemini")).await.expect("created").id;
        fixture.update(apollo, renaming("Apollo 11")).await.expect("updated");
        fixture.set_status([apollo, gemini], ProjectStatus::Active).await.expect("moved");
        fixture.delete(apollo).await.expect("deleted");
        assert_eq!(fixture.all_of_theirs().await, before);
    }

    async fn projects_are_deleted_with_their_organization_only(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        fixture.our_project("Ours").await;
        fixture.their_project("Theirs").await;
        let removed = "DELETE FROM organizations WHERE slug = 'theirs'";
        fixture.world.raw.execute(removed).await;
        assert_eq!(fixture.all().await.len(), 1);
        assert_eq!(fixture.names(&ProjectQuery::default()).await, ["Ours"]);
    }
}
