//! A project is there for its own organization, and for nobody else.

use tenantry_core::version::Precondition;
use tenantry_projects::{
    BulkStatus, ProjectChange, ProjectError, ProjectId, ProjectQuery, ProjectStatus,
};
use tenantry_testkit::each_database;

use crate::stage::{Stage, moving, names, new, renaming};

/// What every method that takes an id answers to this one.
async fn answers(stage: &Stage, id: ProjectId) -> Vec<String> {
    let ctx = &stage.member;
    let projects = &stage.projects;
    let mut answers = vec![tell(projects.get(ctx, id).await)];
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
            moving(ProjectStatus::Archived),
        ] {
            answers.push(tell(
                projects.update(ctx, id, change, expected.clone()).await,
            ));
        }
        answers.push(tell(projects.delete(ctx, id, expected).await));
    }
    let bulk = BulkStatus {
        ids: vec![id],
        status: ProjectStatus::Archived,
    };
    answers.push(tell(projects.set_status(ctx, bulk).await));
    answers
}

/// An error in every way it can be seen.
fn tell<T: std::fmt::Debug>(outcome: Result<T, ProjectError>) -> String {
    use tenantry_core::error::DomainError as _;

    let error = outcome.expect_err("no such project here");
    format!("{error:?} {error} {:?} {}", error.kind(), error.code())
}

each_database! {
    async fn projects_are_isolated_by_organization(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let ours = stage.create(&stage.member, "Project A").await;
        let theirs = stage.create(&stage.stranger, "Project B").await;
        let all = ProjectQuery::default();
        let listed = stage.projects.list(&stage.member, &all).await.expect("a page");
        assert_eq!(listed.items, [ours]);
        let listed = stage.projects.list(&stage.stranger, &all).await.expect("a page");
        assert_eq!(listed.items, [theirs]);
    }

    async fn a_project_of_another_organization_cannot_be_read_by_id(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let secret = stage.their_project("Secret Project").await;
        let refusal = stage.projects.get(&stage.member, secret).await;
        assert!(matches!(refusal, Err(ProjectError::NotFound)), "{refusal:?}");
        stage.projects.get(&stage.stranger, secret).await.expect("its own organization reads it");
    }

    async fn a_foreign_id_is_answered_like_a_random_one(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let foreign = stage.their_project("Secret Project").await;
        let random = stage.no_project();
        stage.changing_nothing(async {
            let to_foreign = answers(&stage, foreign).await;
            assert_eq!(to_foreign, answers(&stage, random).await);
            let not_found = |answer: &String| answer.starts_with("NotFound ");
            assert!(to_foreign.iter().all(not_found), "{to_foreign:?}");
        })
        .await;
    }

    async fn a_new_project_belongs_to_the_organization_of_the_context(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let created = stage.create(&stage.stranger, "Theirs").await;
        let rows = stage.everything().await;
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0]["organization_id"], stage.stranger.organization().to_string());
        assert_eq!(rows[0]["id"], created.id.to_string());
    }

    async fn one_context_after_the_other_each_sees_its_own(db: TestDatabase) {
        let stage = Stage::set(db).await;
        for n in 0..3 {
            stage.create(&stage.member, &format!("Ours {n}")).await;
            stage.create(&stage.stranger, &format!("Theirs {n}")).await;
        }
        let all = ProjectQuery::default();
        for _ in 0..4 {
            for (ctx, whose) in [(&stage.member, "Ours"), (&stage.stranger, "Theirs")] {
                let listed = stage.projects.list(ctx, &all).await.expect("a page");
                let listed = names(listed.items);
                assert_eq!(listed.len(), 3);
                assert!(listed.iter().all(|name| name.starts_with(whose)), "{listed:?}");
            }
        }
    }

    async fn no_filter_finds_projects_of_another_organization(db: TestDatabase) {
        let stage = Stage::set(db).await;
        stage.their_project("Secret Project").await;
        let searches = [None, Some("secret"), Some("%"), Some("_"), Some(""), Some("' OR 1=1 --")];
        for search in searches {
            for status in [None, Some(ProjectStatus::Draft), Some(ProjectStatus::Active)] {
                let search = search.map(str::to_owned);
                let query = ProjectQuery { search, status, ..Default::default() };
                assert_eq!(stage.names(&query).await, [""; 0], "{query:?}");
            }
        }
    }

    async fn every_change_leaves_the_projects_of_others_alone(db: TestDatabase) {
        let stage = Stage::set(db).await;
        for name in ["Apollo", "Gemini"] {
            stage.their_project(name).await;
        }
        let before = stage.everything_of_theirs().await;
        assert_eq!(before.len(), 2);
        let apollo = stage.create(&stage.member, "Apollo").await.id;
        let gemini = stage.projects.create(&stage.member, new("Gemini")).await.expect("created").id;
        stage.update(apollo, renaming("Apollo 11")).await.expect("updated");
        stage.set_status([apollo, gemini], ProjectStatus::Active).await.expect("moved");
        stage.delete(apollo).await.expect("deleted");
        assert_eq!(stage.everything_of_theirs().await, before);
    }

    async fn projects_go_with_their_organization_and_with_no_other(db: TestDatabase) {
        let stage = Stage::set(db).await;
        stage.our_project("Ours").await;
        stage.their_project("Theirs").await;
        let removed = "DELETE FROM organizations WHERE slug = 'theirs'";
        stage.world.raw.execute(removed).await;
        assert_eq!(stage.everything().await.len(), 1);
        assert_eq!(stage.names(&ProjectQuery::default()).await, ["Ours"]);
    }
}
