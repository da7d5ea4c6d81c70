//! The tests of the guide's section on testing, under its names. `projects::isolation` and
//! `context` test more.

use serde_json::json;
use tenantry_testkit::each_database;

use super::support::{Setup, items};

each_database! {
    async fn projects_isolated_by_organization(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "org-a").await;
        setup.organization(&ada, "org-b").await;
        let project_a = setup.project(&ada, "org-a", "Project A").await;
        let project_b = setup.project(&ada, "org-b", "Project B").await;
        for (slug, expected) in [("org-a", project_a), ("org-b", project_b)] {
            let list = ada.get("/api/projects").organization(slug).send().await.expect(200);
            assert_eq!(items(&list, "id"), [expected]);
        }
    }

    /// The guide returns an empty list. We return an error: an empty list would suggest to a
    /// caller that forgot the organization that it has no projects.
    async fn for_request_returns_empty_without_org(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let owner = setup.user("olga").await;
        setup.organization(&owner, "some").await;
        setup.project(&owner, "some", "Some Project").await;
        let ada = setup.user("ada").await;
        let answer = ada.get("/api/projects").send().await.expect(400);
        assert_eq!(answer.problem_code(), "organization_required");
        assert!(!answer.stable_body().contains("Some Project"), "{answer}");
    }

    async fn cannot_access_other_org_project_by_pk(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "org-a").await;
        let other = setup.user("olga").await;
        setup.organization(&other, "other-org").await;
        let secret = setup.project(&other, "other-org", "Secret Project").await;
        let path = format!("/api/projects/{secret}/");
        ada.get(&path).send().await.expect(404);
        ada.patch(&path, json!({"name": "Mine"})).send().await.expect(404);
        ada.delete(&path).send().await.expect(404);
        other.get(&path).send().await.expect(200);
    }
}
